/** The ops that layers of networks are made of, with arguments to try them on; see op_cases.ts. */
import { constant, fromHost, ops, type Shape } from "../../onnx/mod.ts";
import { type Argument, type Call, distinct, type OpCase, positive, x, zeros } from "./op_case.ts";

/** ONNX Runtime has most kernels of layers for float32 only. */
function single(inputs: readonly Argument[], call: Call): OpCase {
  return { inputs, call, float32: true };
}

function activation(call: (a: Parameters<Call>[0][0]) => ReturnType<Call>): OpCase[] {
  return [x(2, 3), x()].map((argument) => single([argument], ([a]) => call(a)));
}

interface Convolution {
  readonly input: Shape;
  readonly filter: Shape;
  readonly options: ops.ConvOptions;
}

const convolutions: Convolution[] = [
  { input: [2, 3, 7], filter: [4, 3, 3], options: {} },
  { input: [2, 4, 8], filter: [4, 2, 3], options: { groups: 2, stride: [2], padding: [1, 2] } },
  { input: [2, 4, 9], filter: [4, 1, 3], options: { groups: 4, dilation: [2], padding: [2, 1] } },
  { input: [1, 2, 4, 5, 4], filter: [3, 2, 2, 3, 2], options: {} },
  {
    input: [1, 2, 4, 5, 5],
    filter: [2, 1, 2, 3, 2],
    options: { groups: 2, stride: [1, 2, 2], padding: [1, 0, 1, 0, 1, 0], dilation: [2, 1, 1] },
  },
  { input: [1, 2, 5, 4], filter: [2, 2, 2, 2], options: { padding: [1, 0, 0, 1] } },
  ...[
    {},
    { padding: [1, 1, 1, 1] },
    { padding: [0, 1, 2, 0], stride: [2, 1] },
    { stride: [2, 3], padding: [1, 0, 1, 0] },
    { dilation: [2, 1], padding: [1, 1, 1, 1] },
  ].map((options) => ({ input: [2, 2, 6, 5], filter: [4, 2, 3, 2], options })),
  ...[
    { groups: 2, padding: [1, 1, 1, 1] },
    { groups: 2, stride: [2, 2] },
    { groups: 2, dilation: [1, 2], padding: [0, 2, 1, 1] },
  ].map((options) => ({ input: [2, 4, 6, 5], filter: [4, 2, 3, 2], options })),
];

function convolved({ input, filter, options }: Convolution): Shape {
  return ops.conv(zeros(input), zeros(filter), options).shape;
}

const pools: { input: Shape; options: ops.PoolOptions }[] = [
  { input: [2, 2, 7], options: { kernel: [2] } },
  { input: [2, 2, 7], options: { kernel: [3], stride: [2], padding: [1, 1] } },
  { input: [1, 2, 7, 6], options: { kernel: [2, 3], stride: [1, 2], dilation: [2, 1] } },
  { input: [2, 2, 6, 6], options: { kernel: [2, 2] } },
  { input: [2, 2, 6, 6], options: { kernel: [3, 2], stride: [2, 1] } },
  { input: [2, 2, 6, 6], options: { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] } },
  // More padding than ONNX Runtime takes.
  { input: [1, 2, 5], options: { kernel: [2], stride: [1], padding: [2, 2], dilation: [4] } },
  { input: [1, 2, 4, 4, 5], options: { kernel: [2, 2, 2] } },
  {
    input: [1, 1, 4, 5, 4],
    options: { kernel: [2, 3, 2], stride: [1, 2, 2], padding: [1, 0, 1, 0, 1, 0] },
  },
];

const wide = { input: [1, 2, 5], options: { kernel: [2], stride: [1], padding: [2, 3] } };

const averagePools = [...pools.filter(({ options }) => !options.dilation), wide].flatMap(
  ({ input, options }) =>
    [true, false].map((countPadding) => ({ input, options: { ...options, countPadding } })),
);

/** By the name under which the op is exported. */
export const layerOpCases: Readonly<Record<string, readonly OpCase[]>> = {
  hardtanh: activation((a) => ops.hardtanh(a, -0.7, 1.2)),
  hardswish: activation(ops.hardswish),
  softplus: activation(ops.softplus),
  elu: activation((a) => ops.elu(a, 0.7)),
  celu: activation((a) => ops.celu(a, 0.7)),
  selu: activation(ops.selu),
  binaryCrossEntropy: [{
    inputs: [x(2, 3), x(2, 3)],
    call: ([a, b]) => ops.binaryCrossEntropy(ops.sigmoid(a), ops.sigmoid(b)),
  }],
  standardize: [[0], [0, 2], [1, 2], [-1]].flatMap((axes): OpCase[] => {
    const inputs = [x(3, 2, 4)];
    return [
      { inputs, call: ([a]) => ops.standardize(a, axes, 1e-2).output },
      { inputs, call: ([a]) => ops.standardize(a, axes, 1e-2).mean },
      { inputs, call: ([a]) => ops.standardize(a, axes, 1e-2).variance },
    ];
  }),
  batchNormalization: [[4, 2], [2, 2, 3], [1, 2, 3, 2]].map((shape): OpCase =>
    single(
      [x(...shape), x(2), x(2), x(2), positive(2)],
      ([a, scale, bias, mean, variance]) =>
        ops.batchNormalization(a, scale, bias, mean, variance, 1e-2),
    )
  ),
  embedding: [undefined, 1].map((padding): OpCase => ({
    // A row that takes no gradient is not looked up: finite differences would see it.
    inputs: [x(4, 3)],
    call: ([a]) => ops.embedding(a, constant([0, 2, 2, 3], "int64", [2, 2]), padding),
  })),
  conv: convolutions.flatMap(({ input, filter, options }) => [
    single([x(...input), x(...filter)], ([a, w]) => ops.conv(a, w, options)),
    single([x(...input), x(...filter), x(filter[0])], ([a, w, b]) => ops.conv(a, w, options, b)),
  ]),
  convInputGradient: convolutions.map((item) =>
    single(
      [x(...convolved(item)), x(...item.filter)],
      ([dy, w]) => ops.convInputGradient(dy, w, item.input, item.options),
    )
  ),
  convFilterGradient: convolutions.map((item) =>
    single(
      [x(...item.input), x(...convolved(item))],
      ([a, dy]) => ops.convFilterGradient(a, dy, item.filter, item.options),
    )
  ),
  maxPool: pools.map(({ input, options }) =>
    single([distinct(...input)], ([a]) => ops.maxPool(a, options))
  ),
  maxPoolIndices: pools.filter(({ input }) => input.length !== 3).map(({ input, options }) => ({
    ...single([distinct(...input)], ([a]) => ops.maxPoolIndices(a, options)),
    constant: true,
  })),
  maxPoolGradient: pools.map(({ input, options }) => {
    const count = input.reduce((a, b) => a * b, 1);
    const images = fromHost(Float32Array.from({ length: count }, (_, i) => (i * 7) % 11), input);
    const pooled = ops.maxPool(images, options).shape;
    return single([x(...pooled)], ([dy]) => ops.maxPoolGradient(dy, images, options));
  }),
  averagePool: averagePools.map(({ input, options }) =>
    single([x(...input)], ([a]) => ops.averagePool(a, options))
  ),
  averagePoolGradient: averagePools.map(({ input, options }) =>
    single(
      [x(...ops.averagePool(zeros(input), options).shape)],
      ([dy]) => ops.averagePoolGradient(dy, input, options),
    )
  ),
};
