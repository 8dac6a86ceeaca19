#!/usr/bin/env bash
# Looks for what no run has tried yet: fresh seeds for the simulation, the sequences of requests, the
# kills and the fuzzers, and the unit tests once more as g++ optimizes them. Goes on after a find.
# In the end it prints, for each find, the command that repeats it; it then ends with 1.
#
#   tests/night.sh [MINUTES]   480 by default, builds not counted; 1 tries each part for a moment
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-480}
[[ $minutes =~ ^[1-9][0-9]{0,4}$ ]] || { echo "night: minutes are a whole number from 1, not $minutes" >&2; exit 2; }
[ $# -le 1 ] || { echo "night: MINUTES is the only argument" >&2; exit 2; }

cores=$(nproc)
found=()
logs=build/night/logs
python=/usr/bin/python3

fresh_seed() {
    od -An -N4 -tu4 /dev/urandom | tr -d ' '
}

# try NAME COMMAND…: the command, told as it can be pasted, is kept if it fails.
try() {
    local name=$1
    shift
    if ! "$@" >"$logs/$name" 2>&1; then
        found+=("${*@Q}    # see $logs/$name")
        echo "night: found something: ${*@Q}"
    fi
}

# until_spent PERCENT COMMAND…: runs it again and again for this share of the night, at least once.
until_spent() {
    local end=$((SECONDS + minutes * 60 * $1 / 100))
    shift
    while "$@" && [ "$SECONDS" -lt "$end" ]; do :; done
}

build() {
    { cmake --preset "$1" && cmake --build --preset "$1" -j"$cores" --target "$2"; } >"$logs/build" || {
        grep -v '^\[[0-9]*/[0-9]*\] Building' "$logs/build"
        return 1
    }
}

# As many seeds at once as there are cores.
simulate() {
    local seed names=() pids=() i
    for ((i = 0; i < cores; ++i)); do
        seed=$(fresh_seed)
        names+=("$seed")
        env SLIPWAY_SEED="$seed" SLIPWAY_RUNS=500 build/night/bin/simulation_test \
            --gtest_filter=Simulation.KeepsEveryPromise >"$logs/simulation-$seed" 2>&1 &
        pids+=($!)
    done
    for ((i = 0; i < cores; ++i)); do
        if wait "${pids[i]}"; then
            rm "$logs/simulation-${names[i]}"
            continue
        fi
        # The test says which of the seeds it was, unless a CHECK ended it.
        seed=$(sed -nE 's/.*run again with SLIPWAY_SEED=([0-9]+).*/\1/p' \
            "$logs/simulation-${names[i]}" | head -n 1)
        if [ -n "$seed" ]; then seed="SLIPWAY_SEED=$seed"; else seed="SLIPWAY_SEED=${names[i]} SLIPWAY_RUNS=500"; fi
        found+=("$seed build/night/bin/simulation_test --gtest_filter=Simulation.KeepsEveryPromise    # see $logs/simulation-${names[i]}")
        echo "night: found something: $seed"
    done
}

# A sequence of requests, and kills, of one seed each.
programs() {
    local seed
    seed=$(fresh_seed)
    local environment=(env SLIPWAY_PROGRAMS=build/night/bin PYTHONPATH=tests/support)
    try "sequences-$seed" "${environment[@]}" SLIPWAY_SEED="$seed" "$python" tests/server/api/sequences_test.py
    try "kill-$seed" "${environment[@]}" "$python" tests/torture/kill_test.py --kills 20 --seed "$seed"
}

# One fuzzer after the other on each core, for an equal share of half the night.
fuzz() {
    local targets target each seed lines
    seed=$(fresh_seed)
    mapfile -t targets < <(cd tests/fuzz/corpus && ls)
    each=$((minutes * 60 * 50 / 100 * cores / ${#targets[@]}))
    [ "$each" -gt 0 ] || each=1
    printf '%s\n' "${targets[@]}" | xargs -P "$cores" -I NAME sh -c \
        "tests/fuzz/run.sh build/fuzz/bin/fuzz_NAME NAME $each -seed=$seed >$logs/fuzz-NAME 2>&1 ||
            echo failed >>$logs/fuzz-NAME"
    for target in "${targets[@]}"; do
        [ "$(tail -n 1 "$logs/fuzz-$target")" = failed ] || continue
        mapfile -t lines < <(sed -nE 's/^ *again: *//p' "$logs/fuzz-$target")
        [ "${#lines[@]}" -gt 0 ] ||
            lines=("tests/fuzz/run.sh build/fuzz/bin/fuzz_$target $target $each -seed=$seed")
        found+=("${lines[@]}")
    done
}

echo "== builds"
mkdir -p "$logs"
build night all
build night slipway_headers_alone
build fuzz slipway_fuzzers
echo "== unit tests, as g++ optimizes them"
try unit ctest --test-dir build/night --output-on-failure --parallel "$cores" -LE 'slow|process'
echo "== simulation"
until_spent 30 simulate
echo "== programs"
until_spent 20 programs
echo "== fuzzers"
fuzz

if [ "${#found[@]}" -eq 0 ]; then
    echo "night: nothing found in $minutes minutes"
    exit
fi
echo "night: ${#found[@]} found; each of these repeats one:"
printf '    %s\n' "${found[@]}"
exit 1
