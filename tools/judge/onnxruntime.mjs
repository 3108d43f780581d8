// node onnxruntime.mjs FOLDER [COUNT]
//
// Runs FOLDER/watched.onnx on COUNT random inputs (10), node by node, and writes the values that
// FOLDER/values.txt names: FOLDER/INPUT.VALUE.bin; channels last, as tinynas has them. Both files are of
// `tinynas-judge --watch`. Exit code: 0, or 77 if onnxruntime-node is not installed, or 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, count = '10'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node onnxruntime.mjs FOLDER [COUNT]');
  process.exit(2);
}
let ort;
try {
  const here = dirname(fileURLToPath(import.meta.url));
  ort = createRequire(join(here, '../onnxruntime/package.json'))('onnxruntime-node');
} catch (error) {
  console.log(`skipped: onnxruntime-node is not installed (npm install --ignore-scripts --prefix tools/onnxruntime): ${error.message}`);
  process.exit(77);
}

const values = readFileSync(join(folder, 'values.txt'), 'utf8').trim().split('\n').map((line) => {
  const space = line.indexOf(' ');
  return { index: line.slice(0, space), name: line.slice(space + 1) };
});

// [N, C, H, W] becomes [N, H, W, C], [N, C, H] becomes [N, H, C].
function channelsLast(data, dims) {
  if (dims.length < 3 || dims.length > 4) return data;
  const channels = dims[1];
  const pixels = dims.slice(2).reduce((product, size) => product * size, 1);
  const moved = data.slice();
  for (let c = 0; c < channels; ++c)
    for (let p = 0; p < pixels; ++p) moved[p * channels + c] = data[c * pixels + p];
  return moved;
}
const write = (number, index, data) =>
  writeFileSync(join(folder, `${number}.${index}.bin`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

// Bytes of a linear congruential generator, as byte / 128 in -1..1.
function random(seed, elements) {
  let state = seed >>> 0;
  return Float32Array.from({ length: elements }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 24 << 24) >> 24) / 128;
  });
}

try {
  const session = await ort.InferenceSession.create(join(folder, 'watched.onnx'), {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  for (let number = 1; number <= Number(count); ++number) {
    const feeds = {};
    session.inputMetadata.forEach(({ name, type, shape }, i) => {
      if (type !== 'float32') throw new Error(`the input '${name}' is ${type}: float32 is known`);
      const dims = shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
      feeds[name] = new ort.Tensor('float32', random(1000 * number + i, dims.reduce((p, s) => p * s, 1)), dims);
    });
    const results = { ...(await session.run(feeds)), ...feeds };
    for (const { index, name } of values)
      if (['float32', 'int8', 'uint8'].includes(results[name]?.type)) write(number, index, channelsLast(results[name].data, results[name].dims));
  }
} catch (error) {
  console.error(error.message ?? error);
  process.exitCode = 1;
}
