#!/usr/bin/env bash
# Checks everything that a change must pass, and stops at the first step that does not. It does the same
# in each run: what it finds is due to the change, not to chance.
#
#   tools/test.sh                    all of it
#   tools/test.sh --quick            format, and the unit tests under the sanitizers
#   tools/test.sh --night [MINUTES]  looks for what is new, with fresh seeds: see tests/night.sh
#
# SLIPWAY_TIDY=all gives clang-tidy every file; else it reads what changed since the main branch, and no
# tests.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=
case "${1:-}" in
    '') ;;
    --quick) quick=yes ;;
    --night) exec tests/night.sh "${@:2}" ;;
    *) echo "test: unknown option $1; --quick and --night are accepted" >&2; exit 2 ;;
esac
jobs=$(nproc)
[ "$jobs" -le 3 ] || jobs=3
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# step NAME COMMAND…: runs it, prints its name and seconds, and ends the script where it fails.
step() {
    local name=$1 begin=$SECONDS
    shift
    echo "== $name"
    if ! "$@"; then
        echo "== $name: failed after $((SECONDS - begin)) s"
        [ "$failed" -gt 0 ] || failed=1
        echo "$passed passed, $failed failed"
        exit 1
    fi
    echo "== $name: $((SECONDS - begin)) s"
}

sources() {
    git ls-files --cached --others --exclude-standard -- '*.cpp' '*.h' | while read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done
}

check_format() {
    sources | xargs -r clang-format --dry-run -Werror
}

# build PRESET [TARGET…]
build() {
    local preset=$1
    shift
    cmake --preset "$preset" >"$output" || { cat "$output"; return 1; }
    local targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    cmake --build --preset "$preset" -j"$jobs" "${targets[@]}" >"$output" || {
        grep -v '^\[[0-9]*/[0-9]*\] Building' "$output"
        return 1
    }
}

# run_tests PRESET [CTEST OPTION…]: counts what passed and what did not, and names what was skipped.
run_tests() {
    local preset=$1 status=0 line skipped
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel 2 \
        --progress "$@" >"$output" 2>&1 || status=$?
    line=$(grep -E '% tests passed, [0-9]+ tests? failed out of [0-9]+' "$output" || true)
    if [[ $line =~ ,\ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
        failed=$((failed + BASH_REMATCH[1]))
        passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
    fi
    # For CTest what was skipped has passed.
    mapfile -t skipped < <(sed -nE 's/^\s*[0-9]+ - (\S+) \(Skipped\)\s*$/\1/p' "$output")
    passed=$((passed - ${#skipped[@]}))
    if [ "$status" -ne 0 ]; then
        cat "$output"
        return 1
    fi
    [ ${#skipped[@]} -eq 0 ] || echo "not run: ${skipped[*]}"
    echo "$line"
}

changed_sources() {
    if [ "${SLIPWAY_TIDY:-}" = all ]; then
        sources
        return
    fi
    local base
    base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || true)
    {
        [ -z "$base" ] || git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.h'
        git ls-files --others --exclude-standard -- '*.cpp' '*.h'
    } | grep -v '^tests/' | sort -u
}

# clang-tidy reads one source at a time: the preset "tidy" has no batches, and compiles nothing. A
# header of the product is read alone, in a file that includes nothing else. Which tests there are
# depends on the preset, but each file of the product must be read.
run_clang_tidy() {
    local file known=() unknown=() database=build/tidy/compile_commands.json
    build tidy
    while read -r file; do
        if [[ $file == *.h ]]; then
            case $file in tests/* | bench/*) continue ;; esac
            file=build/tidy/tests/tidy/alone/$file.cpp
        fi
        if grep -qF "\"file\": \"$PWD/$file\"" "$database"; then
            known+=("$file")
        elif [[ $file != tests/* ]]; then
            unknown+=("$file")
        fi
    done < <(changed_sources)
    [ ${#unknown[@]} -eq 0 ] || {
        echo "not in $database, which CMake makes of the CMakeLists.txt: ${unknown[*]}"
        return 1
    }
    echo "${#known[@]} files"
    printf '%s\n' "${known[@]}" | xargs -r -n 4 -P "$jobs" clang-tidy --quiet -p build/tidy 2>/dev/null
}

step "install" tools/setup.sh
step "format" check_format
step "commit messages" tests/tidy/commit_messages.py
# The sanitizers' builds are clang's, the release build is g++'s: two compilers read each line of the
# product. Unit tests are built and run once, with the sanitizers; programs are tested in each build.
step "build asan" build asan
if [ -n "$quick" ]; then
    step "unit tests" run_tests asan -LE 'slow|process'
    echo "$passed passed, $failed failed"
    exit
fi
step "test asan" run_tests asan -LE slow
step "clang-tidy" run_clang_tidy
step "build release" build release
step "test release" run_tests release
step "build tsan" build tsan slipway_thread_tests
step "test tsan" run_tests tsan -L threads
echo "$passed passed, $failed failed"
