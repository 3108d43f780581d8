#!/usr/bin/env bash
# Every benchmark says what it measures, with an example, and refuses arguments that it does not know.
#   benchmarks_test.sh EXECUTABLE...
set -euo pipefail
fail() {
  echo "benchmarks_test: $1" >&2
  exit 1
}
for benchmark in "$@"; do
  name=$(basename "$benchmark")
  help=$("$benchmark" --help) || fail "$name --help failed"
  [ -n "$(head -1 <<<"$help" | grep -v '^Usage')" ] || fail "$name --help does not begin with what it measures"
  grep -A1 '^Example' <<<"$help" | grep -q "^  $name" || fail "$name --help has no example"
  status=0
  output=$("$benchmark" --no-such-flag 2>&1) || status=$?
  [ $status -eq 2 ] || fail "$name --no-such-flag: exit code $status instead of 2: $output"
done
echo "benchmarks_test: passed ($# benchmarks)"
