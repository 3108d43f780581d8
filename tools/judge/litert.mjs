// node litert.mjs MODEL.tflite FOLDER [COUNT]
//
// Runs a TFLite model on COUNT random inputs (10) with LiteRT's reference kernels and writes every tensor's
// values: FOLDER/INPUT.TENSOR.bin, little-endian as the file's type says. A model with state begins anew with
// each input. Exit code: 0, or 77 if @litertjs/core is not installed, or 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const [file, folder, count = '10'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node litert.mjs MODEL.tflite FOLDER [COUNT]');
  process.exit(2);
}

function skip(why) {
  console.log(`skipped: @litertjs/core is not installed (npm install --ignore-scripts --prefix tools/judge): ${why}`);
  process.exit(77);
}

// ---- The few fields of a TFLite file that are needed, by their numbers in the schema.
const bytes = readFileSync(file);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
class Table {
  constructor(at) {
    this.at = at;
    this.fields = at - view.getInt32(at, true);
  }
  place(number) {
    const entry = 4 + 2 * number;
    const offset = entry < view.getUint16(this.fields, true) ? view.getUint16(this.fields + entry, true) : 0;
    return offset && this.at + offset;
  }
  target(number) {
    const place = this.place(number);
    return place && place + view.getUint32(place, true);
  }
  byte(number) {
    const place = this.place(number);
    return place ? view.getInt8(place) : 0;
  }
  uint(number) {
    const place = this.place(number);
    return place ? view.getUint32(place, true) : 0;
  }
  list(number, item) {
    const target = this.target(number);
    return target ? Array.from({ length: view.getUint32(target, true) }, (_, i) => item(target + 4 + 4 * i)) : [];
  }
  ints(number) {
    return this.list(number, (at) => view.getInt32(at, true));
  }
  tables(number) {
    return this.list(number, (at) => new Table(at + view.getUint32(at, true)));
  }
}
const TYPE_BYTES = { 0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 7: 2, 9: 1, 10: 8 };
const INT8 = 9;
const UINT8 = 3;
const FLOAT32 = 0;

const model = new Table(view.getUint32(0, true));
const constant = model.tables(4).map((buffer) => buffer.target(0) !== 0);
const graph = model.tables(2)[0];
const tensors = graph.tables(0).map((tensor) => ({
  type: tensor.byte(1),
  shape: tensor.ints(0),
  constant: constant[tensor.uint(2)],
  variable: tensor.byte(5) !== 0,
}));
const inputs = graph.ints(1);
// What LiteRT allocates while it runs, as its shape is computed then, is freed when the values are read.
const INT32 = 2;
const late = (node) => node.ints(1).some((t) => t >= 0 && tensors[t].type === INT32 && !tensors[t].constant);
const made = graph.tables(3).filter((node) => !late(node)).flatMap((node) => node.ints(2));
const watched = [...new Set([...graph.ints(2), ...made])].filter(
  (t) => t >= 0 && !tensors[t].constant && !tensors[t].variable && TYPE_BYTES[tensors[t].type] !== undefined);

// A copy of the file whose outputs are all tensors, and without signatures, which name the old outputs.
function watchAll() {
  const pad = (16 - (bytes.length % 16)) % 16;
  const list = Buffer.alloc(4 + 4 * watched.length);
  list.writeUInt32LE(watched.length, 0);
  watched.forEach((tensor, i) => list.writeInt32LE(tensor, 4 + 4 * i));
  const copy = Buffer.concat([bytes, Buffer.alloc(pad), list, Buffer.alloc(4)]);
  const point = (place, to) => copy.writeUInt32LE(to - place, place);
  point(graph.place(2), bytes.length + pad);
  if (model.place(7)) point(model.place(7), copy.length - 4);
  // Sizes that a signature leaves open are those of the shape. Old converters state biases along dimension 3.
  for (const tensor of graph.tables(0)) {
    const open = tensor.target(7);
    const quantization = tensor.target(4);
    const dimension = quantization && new Table(quantization).place(6);
    if (dimension && view.getInt32(dimension, true) >= Math.max(1, tensor.ints(0).length))
      copy.writeInt32LE(0, dimension);
    tensor.ints(0).forEach((size, i) => {
      if (open && i < view.getUint32(open, true)) copy.writeInt32LE(size, open + 4 + 4 * i);
    });
  }
  return copy;
}

// ---- LiteRT. Its JavaScript half passes on one number, as the text "num_threads = N". The parser of that text
// also knows kernel_mode (1: the reference kernels), a word of the same length.
async function loadRuntime() {
  let root;
  try {
    root = join(dirname(require.resolve('@litertjs/core/package.json')), 'wasm');
  } catch (error) {
    skip(error.message);
  }
  const name = join(root, 'litert_wasm_compat_internal');
  const wasmBinary = readFileSync(`${name}.wasm`);
  const at = wasmBinary.indexOf('num_threads = %d\n\0');
  if (at < 0) throw new Error('this version of @litertjs/core cannot choose the reference kernels');
  wasmBinary.write('kernel_mode', at, 'latin1');
  const module = { exports: {} };
  new Function('require', 'module', 'exports', '__filename', '__dirname', readFileSync(`${name}.js`, 'utf8'))(
    require, module, module.exports, `${name}.js`, root);
  const says = [];
  const M = await module.exports({ wasmBinary, print: () => {}, printErr: (line) => says.push(line) });
  M.setupLogging();
  return { M, environment: M.LiteRtEnvironment.create(null), says };
}

async function load({ M, environment }, copy) {
  const pointer = M._malloc(copy.length);
  M.HEAPU8.set(copy, pointer);
  const loaded = M.loadModel(environment, pointer, copy.length);
  const compiled = await M.compileModel(environment, loaded, {
    environment: { liteRtEnvironment: environment },
    accelerator: 'wasm',
    cpuOptions: { numThreads: 1 },
    gpuOptions: {},
    webNNOptions: {},
  });
  return { loaded, compiled, pointer };
}

async function run({ M, environment }, { loaded, compiled }, values) {
  const given = values.map((value, i) => {
    const type = loaded.getInputTensorType(0, i);
    const buffer = M.LiteRtTensorBuffer.createManaged(environment, M.LiteRtTensorBufferType.HOST_MEMORY, type, value.length);
    M.HEAPU8.set(value, buffer.lock(M.LiteRtTensorBufferLockMode.WRITE));
    buffer.unlock();
    type.delete();
    return buffer;
  });
  const results = (await compiled.run(0, given)).map((buffer) => {
    const from = buffer.lock(M.LiteRtTensorBufferLockMode.READ);
    const value = M.HEAPU8.slice(from, from + buffer.packedSize());
    buffer.unlock();
    buffer.delete();
    return value;
  });
  given.forEach((buffer) => buffer.delete());
  return results;
}

// Bytes of a linear congruential generator: integers as they come, floats as byte / 128 in -1..1.
function random(seed, tensor) {
  let state = seed >>> 0;
  const byte = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  if (tensor.type === INT8 || tensor.type === UINT8) return Uint8Array.from({ length: elements }, byte);
  if (tensor.type !== FLOAT32) throw new Error(`an input of type ${tensor.type}: int8, uint8 and float32 are known`);
  const reals = Float32Array.from({ length: elements }, () => ((byte() << 24) >> 24) / 128);
  return new Uint8Array(reals.buffer);
}

const runtime = await loadRuntime();
try {
  const copy = watchAll();
  for (let n = 1; n <= Number(count); ++n) {
    const instance = await load(runtime, copy);
    const values = inputs.map((tensor, i) => random(1000 * n + i, tensors[tensor]));
    const results = await run(runtime, instance, values);
    inputs.forEach((tensor, i) => writeFileSync(join(folder, `${n}.${tensor}.bin`), values[i]));
    watched.forEach((tensor, i) => writeFileSync(join(folder, `${n}.${tensor}.bin`), results[i]));
    instance.compiled.delete();
    instance.loaded.delete();
    runtime.M._free(instance.pointer);
  }
} catch (error) {
  console.error(`${file}: ${error.message ?? error} ${runtime.says.slice(-3).join(' | ')}`);
  process.exitCode = 1;
}
