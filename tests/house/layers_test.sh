#!/usr/bin/env bash
# The layering check passes on the tree and finds one breach of each rule when it is planted.
set -euo pipefail
root=$1
"$root/tools/check-layers" "$root"

planted=$(mktemp -d /tmp/tinynas-layers-XXXXXX)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{include/tinynas/{core,ir,train},src/{core,ir,train},tools}
cp "$root/CMakeLists.txt" "$planted/"

expect_breach() {  # expect_breach FILE LINE MESSAGE
  printf '%s\n' "$2" >"$planted/$1"
  if output=$("$root/tools/check-layers" "$planted" 2>&1); then
    echo "not noticed in $1: $2" >&2
    exit 1
  fi
  grep -qF "$3" <<<"$output" || { echo "wrong message for $2: $output" >&2; exit 1; }
  rm "$planted/$1"
}
touch "$planted/include/tinynas/train/stages.h"
expect_breach src/ir/a.cpp '#include "tinynas/cost/device.h"' 'ir/ may not include cost/'
expect_breach src/ir/a.cpp '#include <torch/torch.h>' 'LibTorch belongs in supernet/ and train/'
expect_breach include/tinynas/ir/a.h '#include <yaml-cpp/yaml.h>' 'a public header may not include this library'
expect_breach src/ir/a.cpp 'std::mt19937 generator;' 'random numbers come from core/rng'
expect_breach src/ir/a.cpp '#include <thread>' 'threads belong in core/parallel'
expect_breach include/tinynas/train/stages.h '#include <torch/torch.h>' 'torch-free face'
echo "layers_test: passed"
