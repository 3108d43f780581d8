#!/usr/bin/env bash
# The installed package works, moved to another folder and without TINYNAS_HOME: its program runs, and programs outside of
# the tree link each part of it, with warnings as errors. They are built where the source tree and the build folder are
# hidden, if mounts can be made here (by root, or in a user namespace); no file that they read may name those anyway.
#   install_test.sh SOURCE_TREE BUILD_FOLDER
set -euo pipefail
fail() {
  echo "install_test: $1" >&2
  exit 1
}
quietly() {  # quietly LOG COMMAND...: the log is shown only if the command fails
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; fail "failed: $*"; }
}

# Where only the package is left to be found.
outside() {
  local prefix=$1 work=$2 cmake strict="-Wall -Wextra -Wmissing-field-initializers -Werror"
  cd "$work"
  unset TINYNAS_HOME
  cp "$prefix"/share/tinynas/configs/devices/{stm32f746,board_of_the_package}.yaml
  "$prefix/bin/tinynas" devices >devices.txt
  grep -q board_of_the_package devices.txt || fail "tinynas devices does not read the package's devices"

  quietly example.log cmake -S example -B example/build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS="-O0 $strict" \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  quietly example.log cmake --build example/build --parallel 2
  example/build/example | tee example.txt
  grep -q SRAM example.txt || fail "the example did not print the SRAM of a network"

  for component in core app kernels torch; do
    if [ $component = torch ] && [ -z "$(find "$prefix" -name libtinynas_train.a)" ]; then continue; fi
    quietly $component.log cmake -S consumers -B $component -DCOMPONENT=$component -DCMAKE_PREFIX_PATH="$prefix"
    quietly $component.log cmake --build $component --parallel 2
    $component/consumer || fail "the program that links tinynas::$component failed"
    echo "install_test: a program links tinynas::$component"
  done

  # What is not there is refused with the reason.
  local asked=quant reason="tinynas has no component 'quant'"
  if [ ! -e torch ]; then asked=torch reason="built without its training half"; fi
  mkdir refused
  echo "cmake_minimum_required(VERSION 3.25)
project(refused NONE)
find_package(tinynas REQUIRED COMPONENTS $asked)" >refused/CMakeLists.txt
  if cmake -S refused -B refused/build -DCMAKE_PREFIX_PATH="$prefix" >refused.log 2>&1; then
    fail "component $asked was found"
  fi
  tr -s ' \n' ' ' <refused.log | grep -q "$reason" || { cat refused.log >&2; fail "component $asked was refused without a reason"; }
}

if [ "$1" = --outside ]; then
  source_tree=$2 build=$3 work=$4
  mount -t tmpfs none "$source_tree"
  if [ -e "$build" ]; then mount -t tmpfs none "$build"; fi
  outside "$work/moved" "$work"
  exit 0
fi

source_tree=$(realpath "$1")
build=$(realpath "$2")
work=$(mktemp -d /tmp/tinynas-install-XXXXXX)
trap 'rm -rf "$work"' EXIT
quietly "$work/install.log" cmake --install "$build" --prefix "$work/prefix"
mv "$work/prefix" "$work/moved"

# The example is what the document shows, word by word: its first cmake and cpp blocks.
document=$source_tree/docs/library.md
[ -e "$document" ] || document=$source_tree/README.md
block() { awk -v lang="$1" '$0=="```"lang{p=1;next} p && $0=="```"{exit} p' "$document"; }
mkdir "$work/example"
block cpp >"$work/example/main.cpp"
block cmake >"$work/example/CMakeLists.txt"
[ -s "$work/example/main.cpp" ] && [ -s "$work/example/CMakeLists.txt" ] || fail "$document: the example was not found"
cp -r "$source_tree/tests/house/consumers" "$0" "$work"

cd "$work"
for hide in "unshare --mount" "unshare --map-root-user --mount" ""; do
  if [ -n "$hide" ] && $hide mount -t tmpfs none "$source_tree" 2>"$work/unshare.log"; then break; fi
done
if [ -n "$hide" ]; then
  $hide bash "$work/$(basename "$0")" --outside "$source_tree" "$build" "$work"
else
  outside "$work/moved" "$work"
fi
named=$(grep -rlF -e "$source_tree/" -e "$build/" "$work/moved" "$work"/*/compile_commands.json "$work"/*/build/compile_commands.json \
  --include='*.cmake' --include='*.h' --include=compile_commands.json || true)
[ -z "$named" ] || fail "these name the source tree or the build folder: $named"
how="visible, as no mounts can be made here"
[ -z "$hide" ] || how="hidden by $hide"
echo "install_test: passed; the source tree was $how"
