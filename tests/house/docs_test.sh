#!/usr/bin/env bash
# The check of the pages passes on the tree and finds one breach of each rule when it is planted.
set -euo pipefail
root=$1
"$root/tools/check-docs" "$root"

planted=$(mktemp -d /tmp/tinynas-docs-XXXXXX)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{docs,src,benchmarks/results}
echo '# A page' >"$planted/README.md"
"$root/tools/check-docs" "$planted" >/dev/null || { echo "a page without faults is refused" >&2; exit 1; }

expect_breach() {  # expect_breach TEXT MESSAGE
  printf '# A page\n\n%s\n' "$1" >"$planted/docs/page.md"
  if output=$("$root/tools/check-docs" "$planted" 2>&1); then
    echo "not noticed: $1" >&2
    exit 1
  fi
  grep -qF "$2" <<<"$output" || { echo "wrong message for $1: $output" >&2; exit 1; }
  rm "$planted/docs/page.md"
}
expect_breach "$(printf 'x%.0s' {1..121})" 'docs/page.md:3: 121 columns'
expect_breach '[elsewhere](other.md)' 'links to other.md'
expect_breach '[below](#no-such)' 'no such heading'
expect_breach 'See `src/no/such.cpp`.' 'names src/no/such.cpp'
expect_breach '![a picture](../README.md)' 'no page has the command that draws it'
touch "$planted/docs/alone.svg"
expect_breach 'Nothing.' 'docs/alone.svg: no page shows it'
head -c 60001 /dev/zero >"$planted/docs/alone.svg"
expect_breach '![a picture](alone.svg)' 'docs/alone.svg: is larger'
echo "docs_test: passed"
