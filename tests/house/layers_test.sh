#!/usr/bin/env bash
# The layering check passes on the tree and finds one breach of each rule when it is planted.
set -euo pipefail
root=$1
"$root/tools/check-layers" "$root"

planted=$(mktemp -d /tmp/tinynas-layers-XXXXXX)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{include/tinynas/{core,ir,train},src/{core,ir,train,engine/c},tests,benchmarks,tools}
cp "$root"/{CMakeLists.txt,.clang-format} "$planted/"
cp "$root/src/engine/c/.clang-format" "$planted/src/engine/c/"

expect_breach() {  # expect_breach FILE LINE MESSAGE
  printf '%s\n' "$2" >"$planted/$1"
  if output=$("$root/tools/check-layers" "$planted" 2>&1); then
    echo "not noticed in $1: $2" >&2
    exit 1
  fi
  grep -qF "$3" <<<"$output" || { echo "wrong message for $2: $output" >&2; exit 1; }
  rm "$planted/$1"
}
expect_breach src/ir/a.cpp '#include "tinynas/cost/device.h"' 'ir/ may not include cost/'
expect_breach src/ir/a.cpp '#include <torch/torch.h>' 'LibTorch belongs in supernet/ and train/'
expect_breach include/tinynas/ir/a.h '#include <yaml-cpp/yaml.h>' 'a public header may not include this library'
expect_breach src/ir/a.cpp 'std::mt19937 generator;' 'random numbers come from core/rng'
expect_breach src/ir/a.cpp '#include <thread>' 'threads belong in core/parallel'
expect_breach src/ir/a.cpp 'if (kernel.name == "tn_conv") return;' 'instead of comparing names'
expect_breach src/ir/a.cpp 'if (function.ends_with("_x16")) return;' 'instead of comparing names'
expect_breach include/tinynas/train/stages.h '#include <torch/torch.h>' 'torch-free face'
expect_breach src/train/recipes.cpp '#include <torch/torch.h>' 'torch-free face'
expect_breach src/ir/a.cpp "// $(printf 'x%.0s' {1..108})" 'src/ir/a.cpp:1: more than 110 columns'
expect_breach src/engine/c/a.c '__asm__("add r0, r0, r1\n add r0, r0, r2\n");' 'an instruction a line'
expect_breach src/engine/c/a.c '__asm__("add r0, r0, r1; add r0, r0, r2\n");' 'an instruction a line'
expect_breach src/engine/c/a.c '__asm__(
    "add \\row, \\row, r2\n");' 'belong in tinynas_*_unrolled.h'
if clang-format --version 2>/dev/null | grep -q 'version 14'; then
  expect_breach src/ir/a.cpp 'int  *two;' 'src/ir/a.cpp:1: clang-format would change it'
  expect_breach src/engine/c/a.c 'int* left;' 'src/engine/c/a.c:1: clang-format would change it'
else
  echo "layers_test: skipped: clang-format 14 is not installed"
fi
# Without clang-format the check says what it left out.
mkdir "$planted/bin"
printf '#!/bin/sh\nexit 1\n' >"$planted/bin/clang-format"
chmod +x "$planted/bin/clang-format"
output=$(PATH="$planted/bin:$PATH" "$root/tools/check-layers" "$planted" 2>&1 || true)
grep -qF 'formatting was not checked' <<<"$output" || { echo "nothing is said without clang-format: $output" >&2; exit 1; }
echo "layers_test: passed"
