// node witness.mjs FOLDER [--json]
//
// Judges tinynas's int8 interpreter by ONNX Runtime, from a folder written by tinynas-witness:
//   each layer, fed the interpreter's own inputs: at most 1 apart, and different at all in at most 0.1 % of the
//     outputs (1 % for adds, whose rounding differs: exact ties are not counted);
//   the whole model, from float images: the same class as the interpreter's on at least 99.5 % of the images.
// Exit code: 0 if all hold, 1 if one does not, 77 if onnxruntime-node is not installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST_DIFFERENCE = 1;
const LARGEST_SHARE = { add: 0.01, default: 0.001 };
const SMALLEST_AGREEMENT = 0.995;

// Without VNNI, x86 kernels for two signed operands add pairs of products in 16 bits and may saturate.
const SESSION_OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { x64quantprecision: '1' } },
};

async function loadRuntime() {
  try {
    return (await import('onnxruntime-node')).default;
  } catch (error) {
    console.log(`skipped: onnxruntime-node is not installed (npm install --ignore-scripts --prefix tools/onnxruntime): ${error.message}`);
    process.exit(77);
  }
}

const ort = await loadRuntime();
const args = process.argv.slice(2);
const folder = args.find((arg) => !arg.startsWith('--'));
if (!folder) {
  console.error('usage: node witness.mjs FOLDER [--json]');
  process.exit(2);
}
const witness = JSON.parse(readFileSync(join(folder, 'witness.json'), 'utf8'));

function readInt8(file) {
  const bytes = readFileSync(join(folder, file));
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

const elements = (tensor) => tensor.shape.reduce((product, size) => product * size, 1);
const slice = (values, image, size) => values.subarray(image * size, (image + 1) * size);

// The exact sum of an add lies halfway between two int8 values: either neighbour is right.
function isTie(layer, values, i) {
  let sum = 0;
  layer.inputs.forEach((input, k) => (sum += (input.scale * (values[k][i] - input.zero_point)) / layer.output.scale));
  return Math.abs(sum - Math.floor(sum) - 0.5) < 1e-6;
}

async function judgeLayer(layer) {
  const session = await ort.InferenceSession.create(join(folder, layer.model), SESSION_OPTIONS);
  const inputs = layer.inputs.map((input) => readInt8(`${input.tensor}.bin`));
  const expected = readInt8(`${layer.output.tensor}.bin`);
  const size = elements(layer.output);
  const result = { name: layer.name, operation: layer.operation, outputs: 0, different: 0, ties: 0, largest: 0 };
  for (let image = 0; image < witness.layer_images; ++image) {
    const values = layer.inputs.map((input, k) => slice(inputs[k], image, elements(input)));
    const feeds = {};
    layer.inputs.forEach((input, k) => (feeds[input.tensor] = new ort.Tensor('int8', values[k], [1, ...input.shape])));
    const found = (await session.run(feeds))[layer.output.tensor].data;
    const want = slice(expected, image, size);
    for (let i = 0; i < size; ++i) {
      const difference = Math.abs(found[i] - want[i]);
      result.outputs++;
      if (difference === 0) continue;
      result.largest = Math.max(result.largest, difference);
      if (layer.operation === 'add' && difference === 1 && isTie(layer, values, i)) result.ties++;
      else result.different++;
    }
  }
  await session.release();
  result.share = result.different / result.outputs;
  const limit = LARGEST_SHARE[layer.operation] ?? LARGEST_SHARE.default;
  result.holds = result.largest <= LARGEST_DIFFERENCE && result.share <= limit;
  return result;
}

const argmax = (values) => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

async function judgeModel() {
  const session = await ort.InferenceSession.create(join(folder, 'model.onnx'), SESSION_OPTIONS);
  const { inputs, outputs } = witness;
  const inputSize = inputs.reduce((sum, input) => sum + elements(input), 0);
  const outputSize = outputs.reduce((sum, output) => sum + elements(output), 0);
  const images = readInt8('images.bin');
  const scores = readInt8('scores.bin');
  const result = { images: witness.images, same_class: 0, equal_outputs: 0, outputs: 0, largest: 0 };
  for (let image = 0; image < witness.images; ++image) {
    const feeds = {};
    let begin = image * inputSize;
    inputs.forEach((input, k) => {
      const values = images.subarray(begin, (begin += elements(input)));
      const real = Float32Array.from(values, (q) => input.scale * (q - input.zero_point));
      feeds[session.inputNames[k]] = new ort.Tensor('float32', real, [1, ...input.shape]);
    });
    const found = await session.run(feeds);
    const quantized = outputs.flatMap((output, k) =>
      Array.from(found[session.outputNames[k]].data, (value) => Math.round(value / output.scale) + output.zero_point));
    const want = Array.from(slice(scores, image, outputSize));
    if (argmax(quantized) === argmax(want)) result.same_class++;
    want.forEach((value, i) => {
      result.outputs++;
      if (value === quantized[i]) result.equal_outputs++;
      result.largest = Math.max(result.largest, Math.abs(value - quantized[i]));
    });
  }
  await session.release();
  result.agreement = result.same_class / result.images;
  result.holds = result.agreement >= SMALLEST_AGREEMENT;
  return result;
}

const percent = (share) => `${(100 * share).toFixed(4)} %`;

const layers = [];
for (const layer of witness.layers) layers.push(await judgeLayer(layer));
const model = await judgeModel();
const holds = model.holds && layers.every((layer) => layer.holds);

if (args.includes('--json')) {
  console.log(JSON.stringify({ holds, layer_images: witness.layer_images, layers, model }, null, 1));
} else {
  for (const l of layers)
    console.log(
      `${l.holds ? 'ok  ' : 'FAIL'} ${l.name} ${l.operation}: largest difference ${l.largest}, ` +
        `${l.different} of ${l.outputs} outputs differ (${percent(l.share)})${l.ties ? `, and ${l.ties} exact ties` : ''}`,
    );
  console.log(
    `${model.holds ? 'ok  ' : 'FAIL'} end to end: same class on ${model.same_class} of ${model.images} images ` +
      `(${percent(model.agreement)}), ${percent(model.equal_outputs / model.outputs)} of outputs equal, largest difference ${model.largest}`,
  );
}
process.exitCode = holds ? 0 : 1;
