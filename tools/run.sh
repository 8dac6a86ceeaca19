#!/usr/bin/env bash
# Builds Slipway and runs it in the foreground, for trying it on one machine: it listens on the
# loopback address only, and may deploy to plain-HTTP and private targets. Ctrl-C stops it.
#
#   SLIPWAY_DATA   where the log lives   (default ~/.local/state/slipway)
#   SLIPWAY_PORT   where it listens      (default 8080; 0 takes a free port)
set -euo pipefail
cd "$(dirname "$0")/.."

data=${SLIPWAY_DATA:-$HOME/.local/state/slipway}
port=${SLIPWAY_PORT:-8080}
program=build/run/bin/slipway-server
server=
url=

say() {
    echo "run: $*"
}

fail() {
    echo "run: $*" >&2
    exit 1
}

stop() {
    trap '' INT TERM
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        echo "Slipway has stopped. Its log stays in $data."
    fi
    exit 0
}

# Whether somebody listens on the port already.
port_is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

# On a terminal Ninja shows one line that moves on, else a line each step.
build() {
    local jobs
    jobs=$(nproc)
    [ "$jobs" -le 3 ] || jobs=3
    say "Preparing the build in $(dirname "$(dirname "$program")")."
    cmake --preset run >/dev/null
    say "Building the server and its tools: some two minutes the first time, seconds later."
    NINJA_STATUS="run: %f of %t, %e s: " cmake --build --preset run -j"$jobs" --target \
        slipway-server slipway slipway-replay slipway-dump
}

# Starts the server, and learns from its first line where it listens.
start() {
    local line said
    exec {said}< <(exec "$program" run --data "$data" --create --listen "127.0.0.1:$port" \
        --backup-directory "$data-backups" \
        --allow-http-targets --allow-private-targets)
    server=$!
    read -r -u "$said" line || ended_early
    url=${line#listening on }
}

ended_early() {
    wait "$server" || true
    server=
    fail "the server ended before it was ready; its reason stands above"
}

wait_until_ready() {
    local tries
    for tries in $(seq 1 300); do
        ! curl -fsS -o /dev/null --max-time 2 "$url/readyz" 2>/dev/null || return 0
        kill -0 "$server" 2>/dev/null || ended_early
        sleep 0.1
    done
    fail "the server is not ready after $tries tries: see $url/readyz"
}

api() {
    curl -sS --max-time 10 -H "Authorization: Bearer $token" "$@"
}

# Registers an app to play with, unless there is one.
create_sample_app() {
    local apps
    apps=$(api -f "$url/v1/apps?limit=1") || fail "GET /v1/apps was refused"
    [[ $(tr -d ' \n' <<<"$apps") == *'"result":[]'* ]] || return 0
    api -f -o /dev/null -X POST -H 'Content-Type: application/json' -d '{
        "name": "sample",
        "environment": "staging",
        "infrastructure": {"provider": "other"},
        "target": {"kind": "webhook", "url": "http://127.0.0.1:9000/deploy"}
    }' "$url/v1/apps" || fail "the sample app was refused"
    echo "Registered the app \"sample\", which deploys to http://127.0.0.1:9000/deploy."
}

tell_what_next() {
    cat <<END

Slipway runs at $url and keeps its log in $data.
This is for trying it on one machine: targets may be plain HTTP and private addresses.

In another terminal:

    export PATH=$(cd "$(dirname "$program")" && pwd):\$PATH SLIPWAY_URL=$url
    export SLIPWAY_TOKEN=$token
    slipway apps list

The whole API, to read and to try: $url/docs
README.md goes on from here: a deployment from its registration to its replay. Ctrl-C stops the server.
END
}

case $port in
    '' | *[!0-9]*) fail "SLIPWAY_PORT is \"$port\"; a number is expected" ;;
esac
! port_is_taken || fail "port $port is taken; choose another: SLIPWAY_PORT=8081 tools/run.sh"

# A program named here is run as it is; nothing is installed or built.
if [ -z "${SLIPWAY_PROGRAM:-}" ]; then
    say "Looking for what the build needs, and installing what is missing (tools/setup.sh --build)."
    tools/setup.sh --build
    build
else
    program=$SLIPWAY_PROGRAM
fi

mkdir -p "$data"
trap stop INT TERM
trap '[ -z "$server" ] || kill -TERM "$server" 2>/dev/null || true' EXIT
say "Starting the server; its log is in $data."
start
wait_until_ready
# Of its first user, for the team that the first start made: they may be in others since.
token=$("$program" token --data "$data" --admin --team "$(sed -n 2p "$data/first_user")")
create_sample_app
tell_what_next
status=0
wait "$server" || status=$?
server=
[ "$status" -le 128 ] || echo "run: the server was ended by signal $((status - 128)); start it again: nothing is lost" >&2
exit "$status"
