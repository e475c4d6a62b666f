/**
 * Where torch_style's special values deviate from PyTorch's, and why: for each call and output (y0, y1, ...) or gradient
 * (g0, g1, ...), as corners_test.ts writes them, the indices of the values.
 */
export interface KnownDeviation {
  readonly why: string;
  /** Where it is so: in a thread that takes denormal numbers for 0 or in one that does not; in both unless given. */
  readonly denormals?: "flushed" | "kept";
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export const knownDeviations: readonly KnownDeviation[] = [
  {
    why: "Gradients where an infinity or NaN enters: one formula's NaN is another one's number.",
    values: {
      "clampByTensors(left, right) g0": [87, 98],
      "F.cosineSimilarity(near, far) g1": [132, 134],
      'F.poissonNllLoss(odds, wanted, {"logInput":false,"full":true,"reduction":"none"}) g1': [
        0,
        3,
        6,
        9,
        12,
      ],
      "attentionByMask(queries, keys, values, mask) g1": [1, 5],
      "cumprod(rows, -1) g0": [27, 28, 30, 31, 34, 37, 42, 43, 44, 49, 54],
      "F.prelu(kinks, scalar) g1": [0],
      "fmax(left, right) g1": [120],
      "fmin(left, right) g1": [120],
      "logaddexp(left, right) g0": [96, 108],
      "logaddexp(left, right) g1": [96, 108],
      "logaddexp2(left, right) g0": [96, 108],
      "logaddexp2(left, right) g1": [96, 108],
      "logcumsumexp(one, -1) g0": [3, 4, 5],
      "logcumsumexp(rows, -1) g0": [27, 28, 31, 34, 39, 42, 43, 44, 45, 46],
      "nanmean(one, -1) g0": [5],
      "nanmean(rows, -1) g0": [51, 52, 53],
      "relu(edges) g0": [26],
    },
  },
  {
    why: "Near poles and roots: computed in float64 on the host, PyTorch computes them in float32.",
    values: {
      "digamma(edges) g0": [11, 15, 17, 19, 21, 23],
      "lgamma(edges) y0": [10],
      "lgamma(odds) y0": [12, 13, 14],
    },
  },
  {
    why:
      "Numbers that overflow or cancel out in between: PyTorch's formula does so at other magnitudes (near 3e38, beyond exp(88), beside 1).",
    values: {
      'F.binaryCrossEntropy(odds, wanted, {"reduction":"none"}) y0': [6],
      "F.gelu(edges) y0": [24],
      "F.gelu(kinks) g0": [7],
      "F.gelu(kinks) y0": [5, 12],
      "F.gelu(logits) y0": [18, 19, 20],
      "F.groupNorm(rows, 1) g0": [30, 31, 32],
      "F.groupNorm(rows, 1) y0": [30, 31, 32],
      "F.groupNorm(rows, 3) g0": [27, 28, 30, 31],
      "F.groupNorm(rows, 3) y0": [27, 28, 30, 31],
      "F.instanceNorm(images) g0": [70, 71, 72, 73, 74, 75, 76],
      "F.instanceNorm(images) y0": [63, 64, 65, 66, 67, 68, 69],
      "F.layerNorm(rows, [3]) g0": [30, 31, 32],
      "F.layerNorm(rows, [3]) y0": [30, 31, 32],
      "F.mish(edges) g0": [23],
      "F.rmsNorm(rows, [3]) g0": [27, 28],
      "F.silu(edges) g0": [23],
      'F.softMarginLoss(edges, signs, {"reduction":"mean"}) g0': [18, 19, 20, 21, 22, 23, 24, 25],
      'F.softMarginLoss(edges, signs, {"reduction":"none"}) g0': [18, 19, 20, 21, 22, 23, 24, 25],
      "fmod(left, right) y0": [78, 79],
      "hypot(left, right) g0": [86],
      "hypot(left, right) g1": [95],
      "i0(edges) g0": [24, 25],
      "i0(edges) y0": [24, 25],
      "pow(edges, -0.5) g0": [25],
      "pow(edges, 1.5) g0": [25],
      "remainder(left, right) y0": [78, 79],
      "x.norm(rows, 0.5, -1) g0": [41],
      'x.std(rows, -1, {"correction":0}) g0': [27, 28, 29],
      'x.std(rows, -1, {"correction":0}) y0': [9, 10],
      'x.std(rows, -1, {"correction":1}) y0': [9, 10],
    },
  },
  {
    why:
      "The gradient at NaN: masks are products, which stay NaN or 0; the network's output is NaN as well.",
    values: {
      "F.celu(edges) g0": [26],
      "F.elu(edges) g0": [26],
      "F.elu(edges, 0.3) g0": [26],
      "F.elu(logits) g0": [21, 22, 23],
      "F.hardsigmoid(edges) g0": [26],
      "F.hardsigmoid(left) g0": [110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120],
      "F.hardswish(edges) g0": [26],
      "F.hardswish(logits) g0": [21, 22, 23],
      "F.hardtanh(edges) g0": [26],
      "F.hardtanh(edges, -0.5, 0.5) g0": [26],
      "F.leakyRelu(edges) g0": [26],
      "F.relu(logits) g0": [21, 22, 23],
      "F.relu6(edges) g0": [26],
      "F.rrelu(edges) g0": [26],
      "F.selu(edges) g0": [26],
      "F.softshrink(edges) g0": [26],
    },
  },
  {
    why:
      "ONNX Runtime's kernels of Sigmoid, Tanh and Erf are exact to about 1e-7, not to the last digits of small results.",
    values: {
      "F.gelu(edges) y0": [15],
      'F.gelu(edges, {"approximate":"tanh"}) g0': [15],
      'F.gelu(edges, {"approximate":"tanh"}) y0': [15],
      "F.logsigmoid(edges) g0": [16],
      "F.logsigmoid(kinks) g0": [10, 11],
      "F.mish(edges) g0": [17],
      "F.silu(edges) g0": [17],
      "F.silu(edges) y0": [17],
      "F.softplus(edges) g0": [17],
      "F.softplus(edges, 0.5, 3) g0": [17, 19],
      "F.softplus(edges, 2, 5) g0": [17],
      "sigmoid(edges) g0": [17],
      "sigmoid(edges) y0": [17],
      "tanh(left) g0": [66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76],
      "tanh(rows) g0": [23],
    },
  },
  {
    why: "Squares of values below 1e-19 are 0 in float32; PyTorch sums some of them up in float64.",
    values: {
      'F.binaryCrossEntropy(odds, wanted, {"reduction":"none"}) y0': [3],
      "F.celu(edges) y0": [5],
      "F.elu(edges) y0": [5],
      "F.elu(edges, 0.3) y0": [5],
      'F.huberLoss(left, right, {"reduction":"none"}) g0': [1, 11],
      'F.huberLoss(left, right, {"reduction":"none"}) g1': [1, 11],
      "F.lpPool1d(images, 2, 2) g0": [56, 57, 60, 61],
      "F.selu(edges) y0": [5],
      'F.smoothL1Loss(left, right, {"reduction":"none"}) g0': [1, 11],
      'F.smoothL1Loss(left, right, {"reduction":"none"}) g1': [1, 11],
    },
  },
  {
    why:
      "Of NaN beside infinities PyTorch's sort for mode returns the first; here a number comes before NaN.",
    values: {
      "mode(rows, -1) g0": [54, 56],
      "mode(rows, -1) y0": [18],
      "mode(rows, -1) y1": [18],
    },
  },
  {
    why: "Gradients of quantiles between infinities: one formula's NaN is another one's number.",
    values: {
      "quantile(one, 0.3, -1) g0": [5],
      "quantile(rows, 0.3, -1) g0": [49, 53, 54],
    },
  },
  {
    why:
      "Near 0 PyTorch's gradient of sinc is a difference of nearly equal terms; here it is exact.",
    values: { "sinc(edges) g0": [4, 5, 6, 7, 20, 21] },
  },
  {
    why:
      "ONNX Runtime's kernels of Elu, Celu and Selu subtract 1 from an exponential: exact to 1e-8, not to the last digits near 0.",
    values: {
      "F.celu(edges) y0": [7],
      "F.elu(edges) y0": [7],
      "F.elu(edges, 0.3) y0": [7],
      "F.selu(edges) y0": [7],
    },
  },
  {
    why:
      "Denormal numbers on the way: sessions take them for 0, and so does JavaScript in the thread of the first.",
    denormals: "flushed",
    values: {
      "atan2(left, right) g0": [11],
      "atan2(left, right) g1": [1],
      'x.std(rows, -1, {"correction":0}) g0': [25, 26],
      'x.std(rows, -1, {"correction":1}) g0': [25, 26],
      "F.lpPool1d(images, 2, 2) y0": [24, 26],
      "expm1(edges) y0": [3],
      "hypot(left, right) g0": [62],
      "hypot(left, right) g1": [83],
      "pow(left, right) g1": [80],
      "tanh(edges) y0": [3],
      "x.norm(rows, 2, -1) g0": [24, 25],
      "x.norm(rows, 2, -1) y0": [8],
      'x.std(rows, -1, {"correction":0}) y0': [8],
      'x.std(rows, -1, {"correction":1}) y0': [8],
    },
  },
  {
    why:
      "Near 0 PyTorch's gradient of sinc is a difference of nearly equal terms; here it is exact.",
    denormals: "kept",
    values: { "sinc(edges) g0": [3] },
  },
];
