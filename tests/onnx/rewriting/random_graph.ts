/**
 * Random networks of the kinds that rewriting has rules for: convolutions (strided, valid, dilated, depthwise, grouped),
 * norms, poolings, residuals, reductions, broadcasting, transposes, products; their gradients, and gradients of those.
 */
import { constant, fromHost, type LazyArray, ops, type Shape, sizeOf } from "../../../onnx/mod.ts";
import { applyMany } from "../../../torch_style/autograd/apply.ts";
import { autograd, Tensor } from "../../../torch_style/mod.ts";

/** A graph that a seed stands for. */
export interface RandomGraph {
  readonly seed: number;
  /** Whether everything in it is exact on integers: nothing divides, no roots, no exponentials. */
  readonly exact: boolean;
  /** Shapes of its inputs: images, then parameters. */
  readonly shapes: readonly Shape[];
  /** Names of what was put together, for messages. */
  readonly steps: readonly string[];
  /** The network's results, gradients of its inputs, and for some graphs gradients of those. */
  build(inputs: readonly LazyArray[]): LazyArray[];
}

/** Uniform random numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What one step makes of the arrays so far. */
type Step = (arrays: Arrays) => LazyArray;

/** The arrays of a network while it is built. */
interface Arrays {
  readonly current: LazyArray;
  /** The network's inputs. */
  readonly inputs: readonly LazyArray[];
  /** What each step so far returned, the images first. */
  readonly earlier: readonly LazyArray[];
}

/** Draws a network step by step; keeps the shape that the steps lead to. */
class Builder {
  readonly shapes: Shape[] = [];
  readonly steps: Step[] = [];
  readonly names: string[] = [];
  /** Shapes of what each step returns, the images' first. */
  readonly results: Shape[];
  shape: Shape;
  /** How large values have grown at most, where all is integer: products of sums. */
  convolutions = 0;

  constructor(readonly random: () => number, readonly exact: boolean) {
    const [n, c, size] = this.pick([
      [16, 16, 8],
      [16, 3, 8],
      [4, 32, 12],
      [2, 6, 7],
      [1, 16, 9],
      [8, 16, 12],
      [3, 8, 10],
    ]);
    this.shape = [n, c, size, this.chance(0.7) ? size : size + 1];
    this.shapes.push(this.shape);
    this.results = [this.shape];
  }

  chance(p: number): boolean {
    return this.random() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)];
  }

  /** Another input of the network; where it will stand among them. */
  parameter(shape: Shape): number {
    return this.shapes.push(shape) - 1;
  }

  add(name: string, shape: Shape, step: Step): void {
    this.names.push(`${name} -> [${shape}]`);
    this.steps.push(step);
    this.results.push(shape);
    this.shape = shape;
  }
}

/** A kind of step: adds itself to a network unless its shape does not suit. */
type Kind = (builder: Builder) => void;

/** Convolutions of all sorts. */
const convolution: Kind = (b) => {
  if (b.exact && b.convolutions >= 2) return;
  const [n, c, ...sizes] = b.shape;
  const kernel = [0, 1].map(() => b.pick([1, 1, 2, 3, 3, 3]));
  const stride = b.pick([[1, 1], [1, 1], [2, 2], [2, 1]]);
  const dilation = b.pick([[1, 1], [1, 1], [1, 1], [2, 1], [2, 2]]);
  const span = kernel.map((size, i) => dilation[i] * (size - 1) + 1);
  const padding = b.pick([
    [0, 0, 0, 0],
    [...span.map((size) => size >> 1), ...span.map((size) => size >> 1)],
    [1, 0, 1, 1],
    [1, 1, 1, 1],
  ]);
  const result = sizes.map((size, i) =>
    Math.floor((size + padding[i] + padding[2 + i] - span[i]) / stride[i]) + 1
  );
  if (result.some((size) => size < 1)) return;
  const groups = b.pick([1, 1, 1, 2, c]);
  if (c % groups !== 0) return;
  const outputs = groups === 1
    ? b.pick([16, 32, 6, 5, 16])
    : groups * b.pick(groups === c ? [1, 1, 2] : [c / groups, 3]);
  const w = b.parameter([outputs, c / groups, ...kernel]);
  const bias = b.chance(0.3) ? b.parameter([outputs]) : undefined;
  const options = { stride, padding, dilation, groups };
  b.convolutions++;
  b.add(
    `conv ${JSON.stringify(options)} kernel ${kernel} bias ${bias !== undefined}`,
    [n, outputs, ...result],
    ({ current, inputs }) =>
      ops.conv(current, inputs[w], options, bias === undefined ? undefined : inputs[bias]),
  );
};

const relu: Kind = (b) => b.add("relu", b.shape, ({ current }) => ops.relu(current));

/** Relu6, as MobileNet has it. */
const clip: Kind = (b) =>
  b.add("hardtanh", b.shape, ({ current }) => ops.hardtanh(current, 0, b.exact ? 64 : 6));

const gelu: Kind = (b) => {
  if (b.exact) return;
  b.add("gelu", b.shape, ({ current }) => {
    const half = ops.mul(current, constant(0.5));
    return ops.mul(
      half,
      ops.add(constant(1), ops.erf(ops.mul(current, constant(Math.SQRT1_2)))),
    );
  });
};

/** One number a channel as it meets the array: added or multiplied, from either side. */
const perChannel: Kind = (b) => {
  const index = b.parameter([b.shape[1]]);
  const shape = b.pick([[1, b.shape[1], 1, 1], [b.shape[1], 1, 1]]);
  const [name, swapped] = [b.pick(["add", "mul", "sub"] as const), b.chance(0.3)];
  if (name === "mul" && b.exact && b.chance(0.6)) return;
  b.add(`${name} a channel`, b.shape, ({ current, inputs }) => {
    const other = ops.reshape(inputs[index], shape);
    return swapped ? ops[name](other, current) : ops[name](current, other);
  });
};

const scalar: Kind = (b) => {
  const value = b.pick([2, -1, 3]);
  b.add(`times ${value}`, b.shape, ({ current }) => ops.mul(current, constant(value)));
};

/** Normalization over a batch, with scale and shift or without. */
const batchNorm: Kind = (b) => {
  const [n, c, ...sizes] = b.shape;
  if (b.exact || n * sizes[0] * sizes[1] < 8) return;
  const [scale, shift] = b.chance(0.8) ? [b.parameter([c]), b.parameter([c])] : [];
  b.add("batch norm", b.shape, ({ current, inputs }) => {
    const { output } = ops.standardize(current, [0, 2, 3], 1e-2);
    if (scale === undefined) return output;
    const over = (index: number) => ops.reshape(inputs[index], [1, c, 1, 1]);
    return ops.add(ops.mul(output, over(scale)), over(shift!));
  });
};

/** Normalization over channels, of arrays that were brought to channels last for it. */
const layerNorm: Kind = (b) => {
  const c = b.shape[1];
  if (b.exact || c < 4) return;
  const [scale, shift] = [b.parameter([c]), b.parameter([c])];
  b.add("layer norm", b.shape, ({ current, inputs }) => {
    const last = ops.transpose(current, [0, 2, 3, 1]);
    const { output } = ops.standardize(last, [3], 1e-2);
    const scaled = ops.add(ops.mul(output, inputs[scale]), inputs[shift]);
    return ops.transpose(scaled, [0, 3, 1, 2]);
  });
};

/** Batch norm of evaluation. */
const frozenNorm: Kind = (b) => {
  if (b.exact) return;
  const c = b.shape[1];
  const indices = [0, 1, 2, 3].map(() => b.parameter([c]));
  b.add("batch norm at evaluation", b.shape, ({ current, inputs }) => {
    const [scale, shift, mean, root] = indices.map((i) => inputs[i]);
    return ops.batchNormalization(current, scale, shift, mean, ops.mul(root, root), 0.5);
  });
};

const pooling: Kind = (b) => {
  const [n, c, ...sizes] = b.shape;
  const kernel = b.pick([[2, 2], [2, 2], [3, 3], [2, 1]]);
  if (sizes.some((size, i) => size < kernel[i])) return;
  const stride = b.pick([kernel, kernel, [1, 1], [2, 2]]);
  const padding = kernel[0] === 3 && b.chance(0.5) ? [1, 1, 1, 1] : [0, 0, 0, 0];
  const isAverage = !b.exact && b.chance(0.4);
  const result = sizes.map((size, i) =>
    Math.floor((size + padding[i] + padding[2 + i] - kernel[i]) / stride[i]) + 1
  );
  const options = { kernel, stride, padding };
  b.add(
    `${isAverage ? "average" : "max"} pool ${JSON.stringify(options)}`,
    [n, c, ...result],
    ({ current }) => isAverage ? ops.averagePool(current, options) : ops.maxPool(current, options),
  );
};

/** An earlier array of the same shape joins. */
const residual: Kind = (b) => {
  const fitting = b.results.flatMap((shape, i) => shape.join() === b.shape.join() ? [i] : []);
  const from = b.pick(fitting);
  const name = !b.exact && b.chance(0.2) ? "mul" : b.pick(["add", "sub", "maximum"] as const);
  b.add(
    `${name} with result ${from}`,
    b.shape,
    ({ current, earlier }) => ops[name](current, earlier[from]),
  );
};

/** Recorded channels last, computed channels last: a scale over the last axis on the way. */
const channelsLast: Kind = (b) => {
  const index = b.parameter([b.shape[1]]);
  b.add("channels last", b.shape, ({ current, inputs }) => {
    const last = ops.transpose(current, [0, 2, 3, 1]);
    return ops.transpose(ops.relu(ops.add(last, inputs[index])), [0, 3, 1, 2]);
  });
};

/** Every second row and column, channels of zeros around: a shortcut without parameters. */
const shortcut: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  if (h < 4 || w < 4) return;
  const [rows, columns] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  b.add("shortcut", [n, 2 * c, rows, columns], ({ current }) => {
    const taken = ops.slice(current, [0, 0, 0, 0], current.shape, [1, 1, 2, 2]);
    return ops.pad(taken, [0, c >> 1, 0, 0], [0, c - (c >> 1), 0, 0]);
  });
};

/** An earlier array of the same images and sizes is put beside it. */
const beside: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  const fitting = b.results.flatMap((shape, i) =>
    shape[0] === n && shape[2] === h && shape[3] === w && shape[1] + c <= 64 ? [i] : []
  );
  if (fitting.length === 0) return;
  const from = b.pick(fitting);
  b.add(
    `beside result ${from}`,
    [n, c + b.results[from][1], h, w],
    ({ current, earlier }) => ops.concat([current, earlier[from]], 1),
  );
};

/** Scales images or channels by what a reduction says of them (squeeze and excitation). */
const gate: Kind = (b) => {
  const [n, c] = b.shape;
  if (b.exact) return;
  const w = b.parameter([c, c]);
  b.add("gate", b.shape, ({ current, inputs }) => {
    const means = ops.reshape(ops.mean(current, { axes: [2, 3] }), [n, c]);
    const factors = ops.sigmoid(ops.matmul(means, inputs[w]));
    return ops.mul(current, ops.reshape(factors, [n, c, 1, 1]));
  });
};

/** A 3x3 or 1x1 convolution whose channels fill blocks, as most networks have them. */
const usualConvolution: Kind = (b) => {
  if (b.exact && b.convolutions >= 2) return;
  const [n, c, h, w] = b.shape;
  const size = b.pick([3, 3, 3, 1]);
  const groups = c % 16 === 0 && size === 3 && b.chance(0.3) ? c : 1;
  const stride = Math.min(h, w) > 4 && b.chance(0.3) ? 2 : 1;
  const outputs = groups === 1 ? b.pick([16, 32, 24]) : c;
  const filter = b.parameter([outputs, c / groups, size, size]);
  const pad = size >> 1;
  const options = { stride: [stride, stride], padding: [pad, pad, pad, pad], groups };
  b.convolutions++;
  b.add(
    `usual conv ${JSON.stringify(options)}`,
    [n, outputs, Math.ceil(h / stride), Math.ceil(w / stride)],
    ({ current, inputs }) => ops.conv(current, inputs[filter], options),
  );
};

/** The pooling that most networks have: windows of 2x2 side by side. */
const halving: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  if (h % 2 === 1 || w % 2 === 1) return;
  const options = { kernel: [2, 2] };
  b.add("halving max pool", [n, c, h / 2, w / 2], ({ current }) => ops.maxPool(current, options));
};

/** What stands together in most networks. */
function together(...kinds: readonly Kind[]): Kind {
  return (b) => kinds.forEach((kind) => kind(b));
}

const KINDS: readonly Kind[] = [
  ...[1, 2, 3].map(() => together(usualConvolution, batchNorm, relu)),
  ...[1, 2].map(() => together(usualConvolution, batchNorm, residual, relu)),
  ...[1, 2].map(() => together(usualConvolution, relu, halving)),
  ...[together(usualConvolution, batchNorm, clip), together(usualConvolution, halving)],
  ...[convolution, convolution, convolution, convolution, relu, relu, clip, gelu],
  ...[perChannel, scalar, batchNorm, layerNorm, frozenNorm],
  ...[pooling, pooling, residual, residual, channelsLast, shortcut, beside, gate],
];

/** What becomes of images at the end. */
const ENDINGS: readonly Kind[] = [
  () => {},
  (b) => {
    const [n, c] = b.shape;
    const [name, keepDims] = [b.exact ? "sum" as const : "mean" as const, b.chance(0.5)];
    b.add(
      name,
      keepDims ? [n, c, 1, 1] : [n, c],
      ({ current }) => ops[name](current, { axes: [2, 3], keepDims }),
    );
  },
  (b) => {
    const axes = b.pick([[0, 2, 3], [1], [0], [2], [1, 3]]);
    const shape = b.shape.filter((_, i) => !axes.includes(i));
    b.add(`sum over ${axes}`, shape, ({ current }) => ops.sum(current, { axes }));
  },
  (b) => {
    const [n, ...rest] = b.shape;
    const size = sizeOf(rest);
    if (b.exact) return;
    const [w, bias] = [b.parameter([5, size]), b.parameter([5])];
    b.add("dense, log softmax", [n, 5], ({ current, inputs }) => {
      const flat = ops.reshape(current, [n, size]);
      return ops.logSoftmax(ops.add(ops.matmul(flat, inputs[w], false, true), inputs[bias]), 1);
    });
  },
  (b) => {
    if (b.exact) return;
    const [n, c, h, w] = b.shape;
    b.add("attention", [n, h * w, c], ({ current }) => {
      const tokens = ops.transpose(ops.reshape(current, [n, c, h * w]), [0, 2, 1]);
      const scores = ops.mul(ops.matmul(tokens, tokens, false, true), constant(1 / c));
      return ops.matmul(ops.softmax(scores, -1), tokens);
    });
  },
];

/** How deep gradients go: 0, 1 or 2. */
const ORDERS = [0, 1, 1, 1, 2] as const;

/** The graph of a seed. */
export function randomGraph(seed: number): RandomGraph {
  const random = randomNumbers(seed);
  const exact = random() < 0.4;
  const builder = new Builder(random, exact);
  const length = 2 + Math.floor(random() * 6);
  for (let i = 0; i < length; i++) builder.pick(KINDS)(builder);
  builder.pick(ENDINGS)(builder);
  const order = builder.pick(ORDERS);
  const { steps, shapes, names } = builder;
  const upstream = shapes.push(builder.shape) - 1;
  const build = (inputs: readonly LazyArray[]) => {
    const tensors = inputs.map((array, i) =>
      new Tensor(array, { requiresGrad: order > 0 && i < upstream })
    );
    const [y] = applyMany("network", tensors, (arrays) => {
      const earlier = [arrays[0]];
      for (const step of steps) {
        earlier.push(step({ current: earlier.at(-1)!, inputs: arrays, earlier }));
      }
      return [ops.copy(earlier.at(-1)!)];
    });
    if (order === 0) return [y.array];
    const leaves = tensors.slice(0, upstream);
    const options = { gradOutputs: [tensors[upstream]], allowUnused: true };
    const first = autograd.grad([y], leaves, { ...options, createGraph: order === 2 });
    const results = [y.array, ...arraysOf(first)];
    if (order === 1) return results;
    const again = first.filter((g) => g?.requiresGrad) as Tensor[];
    if (again.length === 0) return results;
    const ones = again.map((g) => new Tensor(ops.expand(constant(1), g.shape)));
    return [
      ...results,
      ...arraysOf(autograd.grad(again, leaves, { gradOutputs: ones, allowUnused: true })),
    ];
  };
  return { seed, exact, shapes, steps: [...names, `gradients: ${order}`], build };
}

function arraysOf(gradients: readonly (Tensor | null)[]): LazyArray[] {
  return gradients.flatMap((gradient) => gradient ? [gradient.array] : []);
}

/** Values for a graph's inputs: small integers, mostly 0, or numbers around 0. */
export function randomInputs({ shapes, exact, seed }: RandomGraph, variant: number): LazyArray[] {
  const random = randomNumbers(seed * 31 + variant * 7919 + 1);
  return shapes.map((shape, k) => {
    const isImage = k === 0;
    const data = Float32Array.from({ length: sizeOf(shape) }, () => {
      if (!exact) return (random() + random() - 1) * (isImage ? 2 : 0.8);
      if (isImage) return Math.floor(random() * 5) - 2;
      return random() < 0.6 ? 0 : Math.floor(random() * 3) - 1;
    });
    return fromHost(data, shape);
  });
}
