/** The steps that random networks are made of. */
import { constant, ops, sizeOf } from "../../../onnx/mod.ts";
import type { Kind } from "./network_builder.ts";

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
    ? b.pick([16, 32, 6, 5, 16, 12, 28])
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

/** Zeros around, as Keras' models pad; channels last, as they are recorded. */
const zeroPadding: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  const [before, after] = b.pick([[1, 1], [0, 1], [2, 0]]);
  if (h > 12) return;
  b.add("zero padding", [n, c, h + before + after, w + before + after], ({ current }) => {
    const last = ops.transpose(current, [0, 2, 3, 1]);
    const padded = ops.pad(last, [0, before, before, 0], [0, after, after, 0]);
    return ops.transpose(padded, [0, 3, 1, 2]);
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

/** Cut along the channels, one part changed, put together the other way round. */
const parts: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  if (c < 3) return;
  const seams = [0, c >> 2, c >> 1, c];
  b.add("parts", b.shape, ({ current }) => {
    const cut = (i: number) => ops.slice(current, [0, seams[i], 0, 0], [n, seams[i + 1], h, w]);
    return ops.concat([ops.relu(cut(2)), cut(0), cut(1)].filter(({ size }) => size > 0), 1);
  });
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

/** A pointwise convolution, then one of so many channels that they take fewer products (winograd.ts), once. */
const wideConvolutions: Kind = (b) => {
  const [n, , h, w] = b.shape;
  // So large are results that take fewer products.
  const around = [8, 8, 8, 8];
  if (b.convolutions > 0 || n * (h + 16) * (w + 16) < 2048) return;
  const padding = b.pick([[1, 1, 1, 1], [1, 1, 2, 1], [1, 0, 1, 2]]);
  for (const size of [1, 3]) {
    const [, c, rows, columns] = b.shape;
    const filter = b.parameter([64, c, size, size]);
    const options = { padding: size === 1 ? around : padding };
    const [top, left, bottom, right] = options.padding;
    b.convolutions++;
    b.add(
      `wide conv ${JSON.stringify(options)}`,
      [n, 64, rows + top + bottom - size + 1, columns + left + right - size + 1],
      ({ current, inputs }) => ops.conv(current, inputs[filter], options),
    );
  }
};

/** The pooling that most networks have: windows of 2x2 side by side. */
const halving: Kind = (b) => {
  const [n, c, h, w] = b.shape;
  if (h < 2 || w < 2) return;
  const options = { kernel: [2, 2] };
  b.add("halving max pool", [n, c, h >> 1, w >> 1], ({ current }) => ops.maxPool(current, options));
};

/** What stands together in most networks. */
function together(...kinds: readonly Kind[]): Kind {
  return (b) => kinds.forEach((kind) => kind(b));
}

/** What networks are made of; what is usual more often. */
export const KINDS: readonly Kind[] = [
  ...[1, 2, 3].map(() => together(usualConvolution, batchNorm, relu)),
  ...[1, 2].map(() => together(usualConvolution, batchNorm, residual, relu)),
  ...[1, 2].map(() => together(usualConvolution, relu, halving)),
  ...[
    together(zeroPadding, usualConvolution, batchNorm),
    together(usualConvolution, batchNorm, clip),
    together(usualConvolution, halving),
  ],
  ...[convolution, convolution, convolution, convolution, relu, relu, clip, gelu],
  ...[perChannel, scalar, batchNorm, layerNorm, frozenNorm],
  ...[
    wideConvolutions,
    pooling,
    pooling,
    residual,
    residual,
    channelsLast,
    shortcut,
    beside,
    parts,
    gate,
  ],
];

/** What becomes of images at the end. */
export const ENDINGS: readonly Kind[] = [
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
