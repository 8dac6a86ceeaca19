#!/usr/bin/env bash
# Installs what Slipway builds and tests with, from Debian's own packages, and brings the time zone
# database up to date. Does nothing, quickly, where all of it is there already.
set -euo pipefail

packages=(
    g++ clang clang-format clang-tidy cmake ninja-build ccache pkg-config git ca-certificates curl
    libboost1.81-dev libleveldb-dev libsnappy-dev libflatbuffers-dev flatbuffers-compiler
    nlohmann-json3-dev libhowardhinnant-date-dev libcurl4-openssl-dev libssl-dev libspdlog-dev
    libcli11-dev libabsl-dev libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
    python3 tzdata
)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done

# The zone rules of a fresh image are often a year old, and a deployment would run an hour off.
stamp=/var/lib/apt/periodic/slipway-tzdata-stamp
fresh=$(find "$stamp" -mtime -1 2>/dev/null || true)
if [ ${#missing[@]} -eq 0 ] && [ -n "$fresh" ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: installing ${missing[*]:-tzdata} needs root; run tools/setup.sh as root once" >&2
        exit 1
    }
    as_root=(sudo)
fi

export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" tzdata >/dev/null
"${as_root[@]}" mkdir -p "$(dirname "$stamp")"
"${as_root[@]}" touch "$stamp"
