#!/usr/bin/env bash
# Networks of others, node by node, against LiteRT and ONNX Runtime (tools/judge/check).
#   judge_test.sh SOURCE BUILD
set -euo pipefail
models=${TINYNAS_TEST_DATA:-}/data/models/public
if [ -z "${TINYNAS_TEST_DATA:-}" ] || [ ! -d "$models" ]; then
  echo "skipped: networks of other people: TINYNAS_TEST_DATA names no folder that has them"
  exit 77
fi
files=()
for name in mlperf-resnet8-int8 mlperf-resnet8-float tflm-person-detect tflm-micro-speech st-squeezenet-flowers \
  st-miniresnetv2-esc10 openmv-blazeface openmv-fomo-face coral-split-concat emza-ssd-slim mlonmcu-kws-m \
  nxp-cifar10-uint8 mlonmcu-magic-wand; do
  files+=("$models/$name.tflite")
done
for name in jiang-resnet8-qdq jiang-vww-qdq mlonmcu-kws-m-qop mlonmcu-kws-m-fp32 onnx2c-mnist-atmega; do
  files+=("$models/$name.onnx")
done
TINYNAS_BUILD=$2 "$1/tools/judge/check" --inputs 1 "${files[@]}"
