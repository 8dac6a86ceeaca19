#!/usr/bin/env bash
# Runs a fuzzer on the inputs of its corpus and on from there, for some seconds. Inputs with something
# new are kept in found/TARGET beside the program; the corpus of the sources is only read. After a
# find it prints, as "again: …", the command that repeats it.
#
#   tests/fuzz/run.sh PROGRAM TARGET SECONDS [LIBFUZZER-OPTION…]
set -euo pipefail
program=$1
target=$2
seconds=$3
shift 3
sources=$(cd "$(dirname "$0")" && pwd)
found=$(dirname "$program")/found/$target
mkdir -p "$found/corpus"
begin=$(mktemp)
trap 'rm -f "$begin"' EXIT

options=(-max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$found/")
[ ! -e "$sources/dictionary/$target" ] || options+=(-dict="$sources/dictionary/$target")
[ "$target" != http ] || options+=(-max_len=4096)

if "$program" "${options[@]}" "$@" "$found/corpus" "$sources/corpus/$target"; then
    exit
fi
mapfile -t inputs < <(find "$found" -maxdepth 1 -type f -newer "$begin")
# Without an input of its own, an input of the corpus broke it.
[ "${#inputs[@]}" -gt 0 ] || inputs=("$sources/corpus/$target/*")
{
    echo
    echo "fuzz: $target: an input broke it"
    printf '      again: %s\n' "${inputs[@]/#/$program }"
    echo "      then keep it: cp FILE $sources/corpus/$target/, and every suite runs it"
} >&2
exit 1
