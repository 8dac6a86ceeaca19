#!/usr/bin/env bash
# Runs a fuzzer on what its corpus has and on from there, for some seconds. What it finds is kept in
# found/TARGET beside the program; the corpus of the sources is only read.
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

options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$found/")
[ ! -e "$sources/dictionary/$target" ] || options+=(-dict="$sources/dictionary/$target")
[ "$target" != http ] || options+=(-max_len=4096)

if "$program" "${options[@]}" "$@" "$found/corpus" "$sources/corpus/$target"; then
    exit
fi
cat >&2 <<END

fuzz: $target: an input broke it; it is in $found
      again:  $program FILE
      then keep it: cp FILE $sources/corpus/$target/, and every suite runs it
END
exit 1
