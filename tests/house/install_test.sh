#!/usr/bin/env bash
# A project outside the tree finds the installed tinynas, builds the README's example against it, and runs it.
set -euo pipefail
root=$1
build=$2
work=$(mktemp -d /tmp/tinynas-install-XXXXXX)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
mkdir "$work/consumer"
# The example is what the README shows, word by word: the first cpp and cmake blocks after the heading.
block() { awk -v lang="$1" '/^## .*C\+\+ API/{on=1} on && $0=="```"lang{p=1;next} p && $0=="```"{exit} p' "$root/README.md"; }
block cpp >"$work/consumer/main.cpp"
block cmake >"$work/consumer/CMakeLists.txt"
[ -s "$work/consumer/main.cpp" ] && [ -s "$work/consumer/CMakeLists.txt" ] || { echo "README.md: the C++ API example was not found" >&2; exit 1; }

cmake -S "$work/consumer" -B "$work/consumer/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >"$work/configure.log" 2>&1 ||
  { cat "$work/configure.log"; exit 1; }
cmake --build "$work/consumer/build" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
output=$(cd "$work" && TINYNAS_HOME="$work/prefix/share/tinynas" "$work/consumer/build/example")
echo "$output"
grep -q 'SRAM' <<<"$output" || { echo "the example did not print the SRAM of a network" >&2; exit 1; }

# The installed program finds its search spaces and devices without the source tree.
(cd "$work" && TINYNAS_HOME="$work/prefix/share/tinynas" "$work/prefix/bin/tinynas" devices) | grep -q stm32f746
echo "install_test: passed"
