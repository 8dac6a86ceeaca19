#!/usr/bin/env bash
# Installs what Slipway needs, from Debian's own packages, brings the time zone database up to date,
# and fetches from npm what the lock files pin. Does nothing, quickly, where all of it is there.
#
#   tools/setup.sh            everything
#   tools/setup.sh --build    what tools/run.sh and the first steps of README.md need
#   tools/setup.sh --test     that, and what tools/test.sh needs
set -euo pipefail
cd "$(dirname "$0")/.."

# To build, and for the commands of README.md.
packages=(
    g++ cmake ninja-build ccache pkg-config git ca-certificates curl jq
    libboost1.81-dev libleveldb-dev libsnappy-dev libflatbuffers-dev
    nlohmann-json3-dev libhowardhinnant-date-dev libcurl4-openssl-dev libssl-dev libspdlog-dev
    libcli11-dev libabsl-dev prometheus-cpp-dev python3 python3-yaml tzdata unicode-cldr-core
)
# What /docs is rendered with.
folders=(server/assets)

# The second compiler and its sanitizers, the libraries of the tests, and the programs that tests start.
test_packages=(
    clang libclang-rt-14-dev clang-format clang-tidy libgtest-dev libgmock-dev
    chromium openssl e2fsprogs rsync python3-jsonschema wrk
)
# The TypeScript client, and the tests in a browser.
test_folders=(tests/server/api/typescript tests/server/api/browser)
# Packages that start a daemon when they are installed, each with the one program of theirs that is
# needed: it is unpacked into the cache instead.
test_programs=(prometheus:usr/bin/promtool)
programs=()

case "${1:-}" in
    --build) ;;
    '' | --test)
        packages+=("${test_packages[@]}")
        folders+=("${test_folders[@]}")
        programs+=("${test_programs[@]}")
        ;;
    *) echo "setup: unknown option $1; --build and --test are accepted" >&2; exit 2 ;;
esac

# Nobody's own Node is replaced.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done

# No script of a package is run.
fetch_folder() {
    local lock=$1/package-lock.json fetched=$1/node_modules/.fetched-lock.json
    ! cmp -s "$lock" "$fetched" || return 0
    echo "setup: fetching what $lock names" >&2
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --silent || {
        echo "setup: could not fetch what $lock names; run tools/setup.sh with a network" >&2
        return 1
    }
    cp "$lock" "$fetched"
}

# unpack PACKAGE PATH: the program at PATH of the package, into the cache.
unpack() {
    local package=$1 path=$2 name=${2##*/} folder
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/slipway
    ! command -v "$name" >/dev/null || return 0
    [ ! -x "$cache/$name" ] || return 0
    echo "setup: fetching $name" >&2
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -qq "$package" 2>/dev/null) &&
        dpkg-deb --fsys-tarfile "$folder/$package"_*.deb | tar -x -C "$folder" "./$path"; then
        mkdir -p "$cache"
        mv "$folder/$path" "$cache/$name"
        rm -r "$folder"
    else
        rm -r "$folder"
        echo "setup: could not fetch $name; run tools/setup.sh with a network" >&2
        return 1
    fi
}

fetch_the_rest() {
    local folder program
    for folder in "${folders[@]}"; do fetch_folder "$folder" || return 1; done
    for program in "${programs[@]}"; do unpack "${program%%:*}" "${program#*:}" || return 1; done
}

# The zone rules of a fresh image are often a year old, and a deployment would run an hour off. Once
# a day is enough; the stamp is of the machine, as the zone rules are.
stamp=/var/lib/apt/periodic/slipway-tzdata-stamp
fresh=$(find "$stamp" -mtime -1 2>/dev/null || true)
if [ ${#missing[@]} -eq 0 ] && [ -n "$fresh" ]; then
    fetch_the_rest
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
    [ ${#missing[@]} -eq 0 ] || echo "setup: installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq -o Acquire::http::Timeout=15 -o Acquire::Retries=1 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" tzdata >/dev/null &&
        "${as_root[@]}" mkdir -p "$(dirname "$stamp")" && "${as_root[@]}" touch "$stamp"
}

if [ -n "$can_install" ] && install; then
    fetch_the_rest
    exit
fi
if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: could not install ${missing[*]}; run tools/setup.sh as root, with a network" >&2
    exit 1
fi
# Everything is there: what it builds is right, but zones may lag behind until the next time.
echo "setup: could not look for newer time zone rules; going on with those installed" >&2
fetch_the_rest
