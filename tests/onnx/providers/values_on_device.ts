/** NaN, infinity, edges and random numbers on an execution provider: what the CPU makes of them. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  FallbackError,
  fromHost,
  type LazyArray,
  limitHostWork,
  ops,
  Runtime,
} from "../../../onnx/mod.ts";
import { agreesWithCpu, arrayOf, DEVICE, NOT_RUN, reportNotRun, TOLERANCE } from "./against_cpu.ts";

reportNotRun();

const SPECIAL = [NaN, Infinity, -Infinity, 0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-6, 90, -90];
const x = () => arrayOf(SPECIAL, [SPECIAL.length], "float32");
const turned = () =>
  arrayOf([...SPECIAL.slice(3), ...SPECIAL.slice(0, 3)], [SPECIAL.length], "float32");

const unary: Record<string, (x: LazyArray) => LazyArray> = {
  ...Object.fromEntries(
    ([
      "abs acos acosh asin asinh atan atanh ceil cos cosh erf exp expm1 floor hardswish isNaN log log1p neg",
      "reciprocal relu round selu sigmoid sign sin sinh softplus sqrt tan tanh trunc",
    ].join(" ").split(" ") as "abs"[]).map((name) => [name, ops[name]]),
  ),
  celu: (a) => ops.celu(a, 0.7),
  elu: (a) => ops.elu(a, 0.7),
  leakyRelu: (a) => ops.leakyRelu(a, 0.1),
  hardtanh: (a) => ops.hardtanh(a, -1, 2),
  clamp: (a) => ops.clamp(a, -1, 2),
  max: (a) => ops.max(a),
  min: (a) => ops.min(a),
  softmax: (a) => ops.softmax(ops.reshape(a, [2, -1])),
  logSoftmax: (a) => ops.logSoftmax(ops.reshape(a, [2, -1])),
  logSumExp: (a) => ops.logSumExp(ops.reshape(a, [2, -1]), { axes: 1 }),
  argMax: (a) => ops.argMax(ops.reshape(a, [2, -1]), 1),
  argMaxOfNaN: (a) => ops.argMax(ops.reshape(a, [2, -1]), 1, { nanFirst: true }),
};
const binary = {
  ...{ add: ops.add, sub: ops.sub, mul: ops.mul, div: ops.div, pow: ops.pow },
  ...{ maximum: ops.maximum, minimum: ops.minimum, atan2: ops.atan2, hypot: ops.hypot },
  ...{ fmod: ops.fmod, remainder: ops.remainder, xlogy: ops.xlogy, copySign: ops.copySign },
  ...{ equal: ops.equal, less: ops.less, greaterEqual: ops.greaterEqual },
};

function onDevice(name: string, fn: () => Promise<void>): void {
  const ignore = NOT_RUN !== undefined;
  Deno.test({
    name: `${DEVICE}: ${name}`,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

for (const [name, call] of Object.entries(unary)) {
  onDevice(`NaN, infinity and edges through ${name}`, async () => {
    limitHostWork(0);
    const tolerance = /sin|cos|tan$/.test(name) ? TOLERANCE.sine : TOLERANCE.other;
    await agreesWithCpu(() => [call(x())], tolerance);
  });
}
for (const [name, call] of Object.entries(binary)) {
  onDevice(`NaN, infinity and edges through ${name}`, async () => {
    limitHostWork(0);
    await agreesWithCpu(() => [call(x(), turned())], TOLERANCE.other);
  });
}

onDevice("a NaN in a window is its maximum, and takes the gradient", async () => {
  limitHostWork(0);
  await agreesWithCpu(() => {
    const values = Float32Array.from({ length: 36 }, (_, i) => i % 7 === 3 ? NaN : (i * 5) % 11);
    const images = arrayOf(values, [1, 1, 6, 6], "float32");
    const options = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] };
    const pooled = ops.maxPool(images, options);
    const dy = arrayOf(
      Float32Array.from({ length: pooled.size }, (_, i) => i + 1),
      pooled.shape,
      "float32",
    );
    return [pooled, ops.maxPoolGradient(dy, images, options)];
  }, TOLERANCE.other);
});

onDevice("results of bfloat16 are those of the CPU, bit for bit", async () => {
  limitHostWork(0);
  const long = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i * i) * 10 ** (i % 31 - 15));
  await agreesWithCpu(() => {
    const short = ops.cast(arrayOf(long, [40, 50], "float32"), "bfloat16");
    return [short, ops.mul(short, short), ops.cast(x(), "bfloat16")];
  }, 0);
});

onDevice("random numbers are those of the host, bit for bit", async () => {
  limitHostWork(0);
  const [low, high] = [1753845952, 3573952294];
  const made = ops.uniform(fromHost(Uint32Array.of(low, high), [2]), [3, 1000]);
  await new Runtime({ provider: DEVICE, strict: true }).evaluate([made]);
  const data = made.hostData();
  for (let i = 0; i < data.length; i++) assertEquals(data[i], ops.uniformAt(i, low, high));
});

Deno.test({
  name: `${DEVICE}: strict refuses by name what is left to the CPU, which is counted otherwise`,
  // CUDA has float64.
  ignore: NOT_RUN !== undefined || DEVICE !== "webgpu",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    limitHostWork(0);
    const doubled = () => ops.exp(ops.cast(x(), "float64"));
    const strict = new Runtime({ provider: DEVICE, strict: true });
    const named = "2 nodes on the CPU (1 Cast, 1 Exp)";
    await assertRejects(() => strict.evaluate([doubled()]), FallbackError, named);
    const lenient = new Runtime({ provider: DEVICE });
    const left: string[] = [];
    lenient.onEvaluate(({ placement }) => left.push(...placement.onCpu));
    await lenient.evaluate([doubled()]);
    assertEquals(left, ["Cast", "Exp"]);
  },
});
