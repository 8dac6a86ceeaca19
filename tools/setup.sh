#!/usr/bin/env bash
# Installs what Slipway builds and tests with, from Debian's own packages, brings the time zone
# database up to date, fetches from npm what /docs is rendered with and what the TypeScript client
# and the tests in a browser need, as the lock files pin them, and promtool, which tests the alert
# rules. Does nothing, quickly, where all of it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    g++ clang libclang-rt-14-dev clang-format clang-tidy cmake ninja-build ccache pkg-config git ca-certificates curl
    libboost1.81-dev libleveldb-dev libsnappy-dev libflatbuffers-dev
    nlohmann-json3-dev libhowardhinnant-date-dev libcurl4-openssl-dev libssl-dev libspdlog-dev
    libcli11-dev libabsl-dev prometheus-cpp-dev libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
    chromium openssl e2fsprogs rsync python3 python3-yaml python3-jsonschema jq wrk tzdata unicode-cldr-core
)

# Nobody's own Node is replaced.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done

# No script of a package is run.
fetch_packages() {
    local folder lock fetched
    for folder in server/assets tests/server/api/typescript tests/server/api/browser; do
        lock=$folder/package-lock.json
        fetched=$folder/node_modules/.fetched-lock.json
        ! cmp -s "$lock" "$fetched" || continue
        npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent || {
            echo "setup: could not fetch what $lock names; run tools/setup.sh with a network" >&2
            return 1
        }
        cp "$lock" "$fetched"
    done
    fetch_promtool
}

# Debian's package would start a Prometheus on this machine, so it is unpacked and not installed.
fetch_promtool() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/slipway folder
    ! command -v promtool >/dev/null || return 0
    [ ! -x "$cache/promtool" ] || return 0
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -qq prometheus 2>/dev/null) &&
        dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C "$folder" ./usr/bin/promtool; then
        mkdir -p "$cache"
        mv "$folder/usr/bin/promtool" "$cache/promtool"
        rm -r "$folder"
    else
        rm -r "$folder"
        echo "setup: could not fetch promtool; run tools/setup.sh with a network" >&2
        return 1
    fi
}

# The zone rules of a fresh image are often a year old, and a deployment would run an hour off. Once
# a day is enough; the stamp is of the machine, as the zone rules are.
stamp=/var/lib/apt/periodic/slipway-tzdata-stamp
fresh=$(find "$stamp" -mtime -1 2>/dev/null || true)
if [ ${#missing[@]} -eq 0 ] && [ -n "$fresh" ]; then
    fetch_packages
    exit
fi

as_root=()
can_install=yes
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    # With nobody there to type a password, sudo must do without one.
    [ -t 0 ] || as_root=(sudo -n)
    command -v sudo >/dev/null || can_install=
fi

install() {
    "${as_root[@]}" apt-get update -qq -o Acquire::http::Timeout=15 -o Acquire::Retries=1 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" tzdata >/dev/null &&
        "${as_root[@]}" mkdir -p "$(dirname "$stamp")" && "${as_root[@]}" touch "$stamp"
}

if [ -n "$can_install" ] && install; then
    fetch_packages
    exit
fi
if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: could not install ${missing[*]}; run tools/setup.sh as root, with a network" >&2
    exit 1
fi
# Everything is there: what it builds is right, but zones may lag behind until the next time.
echo "setup: could not look for newer time zone rules; going on with those installed" >&2
fetch_packages
