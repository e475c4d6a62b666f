/** Every module with inputs to export it for; shared by export_modules_test.ts and tests/golden/dump_models.ts. */
import * as torch from "../../torch_style/mod.ts";

const { nn } = torch;

/** A module and how its inputs are made for a batch size. */
export interface ExportCase {
  readonly module: torch.nn.AnyModule;
  inputs(batch: number): torch.Tensor[];
}

const on = (module: torch.nn.AnyModule, ...shape: number[]): ExportCase => ({
  module,
  inputs: (batch) => [torch.randn([batch, ...shape])],
});

const simple = [
  nn.ReLU,
  nn.ReLU6,
  nn.LeakyReLU,
  nn.PReLU,
  nn.RReLU,
  nn.Hardtanh,
  nn.Hardsigmoid,
  nn.Hardswish,
  nn.Softshrink,
  nn.Hardshrink,
  nn.Identity,
  nn.Dropout,
  nn.Dropout2d,
  nn.AlphaDropout,
  nn.Flatten,
  nn.Sigmoid,
  nn.LogSigmoid,
  nn.Tanh,
  nn.Tanhshrink,
  nn.Softsign,
  nn.Softplus,
  nn.ELU,
  nn.CELU,
  nn.SELU,
  nn.SiLU,
  nn.Mish,
  nn.GELU,
  nn.Softmax2d,
];

class AttentionOverItself extends nn.Module {
  attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
  override forward(x: torch.Tensor): torch.Tensor {
    return this.attention(x, x, x)[0];
  }
}

class TwoHeads extends nn.Module<[torch.Tensor, torch.Tensor], torch.Tensor[]> {
  left = new nn.Linear(4, 3);
  right = new nn.Linear(4, 2);
  override forward(a: torch.Tensor, b: torch.Tensor): torch.Tensor[] {
    return [this.left(a.add(b)), this.right(a).softmax(1)];
  }
}

/** By the class' name. */
export function exportCases(): Record<string, ExportCase> {
  torch.manualSeed(11);
  const cases: Record<string, ExportCase> = {};
  for (const kind of simple) cases[kind.name] = on(new kind(), 4, 6, 6);
  for (const kind of [nn.Softmax, nn.Softmin, nn.LogSoftmax]) cases[kind.name] = on(new kind(1), 5);
  cases.Dropout1d = on(new nn.Dropout1d(), 4, 6);
  cases.Dropout3d = on(new nn.Dropout3d(), 4, 6, 6, 2);
  cases.Threshold = on(new nn.Threshold(0.1, 2), 5);
  cases.GLU = on(new nn.GLU(), 6);
  cases.Linear = on(new nn.Linear(5, 3), 4, 5);
  cases.Unflatten = on(new nn.Unflatten(1, [2, 3]), 6, 4);
  cases.Embedding = {
    module: new nn.Embedding(7, 3),
    inputs: (batch) => [torch.arange(batch * 4).remainder(7).reshape(batch, 4)],
  };
  const [line, plane, space] = [[4, 12], [4, 9, 8], [4, 6, 7, 6]];
  cases.Conv1d = on(new nn.Conv1d(4, 6, 3, { padding: "same", paddingMode: "circular" }), ...line);
  cases.Conv2d = on(new nn.Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), ...plane);
  cases.Conv3d = on(new nn.Conv3d(4, 6, 3, { dilation: 2, padding: 2 }), ...space);
  cases.ConvTranspose1d = on(new nn.ConvTranspose1d(4, 6, 3, { stride: 2 }), ...line);
  cases.ConvTranspose2d = on(
    new nn.ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    ...plane,
  );
  cases.ConvTranspose3d = on(new nn.ConvTranspose3d(4, 2, 2, { groups: 2 }), ...space);
  cases.MaxPool1d = on(new nn.MaxPool1d(3, { stride: 2, padding: 1 }), ...line);
  cases.MaxPool2d = on(new nn.MaxPool2d(2, { ceilMode: true }), ...plane);
  cases.MaxPool3d = on(new nn.MaxPool3d(2), ...space);
  cases.AvgPool1d = on(new nn.AvgPool1d(3, { padding: 1 }), ...line);
  cases.AvgPool2d = on(new nn.AvgPool2d(2), ...plane);
  cases.AvgPool3d = on(new nn.AvgPool3d(2), ...space);
  cases.AdaptiveAvgPool1d = on(new nn.AdaptiveAvgPool1d(5), ...line);
  cases.AdaptiveAvgPool2d = on(new nn.AdaptiveAvgPool2d([4, 3]), ...plane);
  cases.AdaptiveAvgPool3d = on(new nn.AdaptiveAvgPool3d(2), ...space);
  cases.AdaptiveMaxPool1d = on(new nn.AdaptiveMaxPool1d(5), ...line);
  cases.AdaptiveMaxPool2d = on(new nn.AdaptiveMaxPool2d([4, 3]), ...plane);
  cases.AdaptiveMaxPool3d = on(new nn.AdaptiveMaxPool3d(2), ...space);
  cases.BatchNorm1d = on(new nn.BatchNorm1d(4), ...line);
  cases.BatchNorm2d = on(new nn.BatchNorm2d(4), ...plane);
  cases.BatchNorm3d = on(new nn.BatchNorm3d(4), ...space);
  cases.InstanceNorm1d = on(new nn.InstanceNorm1d(4), ...line);
  cases.InstanceNorm2d = on(new nn.InstanceNorm2d(4, { affine: true }), ...plane);
  cases.InstanceNorm3d = on(new nn.InstanceNorm3d(4), ...space);
  cases.LayerNorm = on(new nn.LayerNorm([6, 5]), 4, 6, 5);
  cases.RMSNorm = on(new nn.RMSNorm(5), 4, 5);
  cases.GroupNorm = on(new nn.GroupNorm(2, 4), ...plane);
  for (const [kind, shape] of paddings([line, plane, space])) {
    cases[kind.name] = on(new kind(1), ...shape);
  }
  cases.ConstantPad1d = on(new nn.ConstantPad1d(2, 0.5), ...line);
  cases.ConstantPad2d = on(new nn.ConstantPad2d(1, 0.5), ...plane);
  cases.ConstantPad3d = on(new nn.ConstantPad3d(1, 0.5), ...space);
  cases.MultiheadAttention = on(new AttentionOverItself(), 5, 8);
  cases.Sequential = on(
    new nn.Sequential(
      new nn.Conv2d(4, 3, 3),
      new nn.BatchNorm2d(3),
      new nn.Sequential(new nn.Flatten(), new nn.Linear(126, 2)),
    ),
    ...plane,
  );
  Object.assign(cases, laterCases());
  cases.TwoHeads = {
    module: new TwoHeads(),
    inputs: (batch) => [torch.randn([batch, 4]), torch.randn([batch, 4])],
  };
  return cases;
}

const pair = (module: torch.nn.AnyModule, a: number[], b = a): ExportCase => ({
  module,
  inputs: (batch) => [torch.randn([batch, ...a]), torch.randn([batch, ...b])],
});

function unpooling(module: torch.nn.AnyModule, rank: number): ExportCase {
  return {
    module,
    inputs: (batch) => [
      torch.randn([batch, 2, ...new Array(rank).fill(1)]),
      torch.full([batch, 2, ...new Array(rank).fill(1)], 1, { dtype: "int64" }),
    ],
  };
}

/** Modules of images in other sizes, sequences and pairs of inputs. */
function laterCases(): Record<string, ExportCase> {
  const small = { dimFeedforward: 6, batchFirst: true };
  const encoderLayer = () => new nn.TransformerEncoderLayer(4, 2, small);
  const decoderLayer = () => new nn.TransformerDecoderLayer(4, 2, small);
  return {
    FeatureAlphaDropout: on(new nn.FeatureAlphaDropout(), 4, 6),
    Bilinear: pair(new nn.Bilinear(3, 4, 2), [3], [4]),
    CosineSimilarity: pair(new nn.CosineSimilarity(), [5]),
    PairwiseDistance: pair(new nn.PairwiseDistance(), [5]),
    ChannelShuffle: on(new nn.ChannelShuffle(2), 4, 3, 3),
    PixelShuffle: on(new nn.PixelShuffle(2), 4, 3, 3),
    PixelUnshuffle: on(new nn.PixelUnshuffle(2), 2, 4, 6),
    Upsample: on(new nn.Upsample({ scaleFactor: 2, mode: "bicubic" }), 2, 3, 4),
    UpsamplingNearest2d: on(new nn.UpsamplingNearest2d({ scaleFactor: 2 }), 2, 3, 4),
    UpsamplingBilinear2d: on(new nn.UpsamplingBilinear2d({ size: [5, 6] }), 2, 3, 4),
    Unfold: on(new nn.Unfold(2), 2, 4, 5),
    Fold: on(new nn.Fold([4, 5], 2), 8, 12),
    LPPool1d: on(new nn.LPPool1d(2, 2), 2, 6),
    LPPool2d: on(new nn.LPPool2d(2, 2), 2, 6, 4),
    LPPool3d: on(new nn.LPPool3d(2, 2), 2, 4, 4, 4),
    LocalResponseNorm: on(new nn.LocalResponseNorm(3), 4, 5),
    MaxUnpool1d: unpooling(new nn.MaxUnpool1d(2), 1),
    MaxUnpool2d: unpooling(new nn.MaxUnpool2d(2), 2),
    MaxUnpool3d: unpooling(new nn.MaxUnpool3d(2), 3),
    EmbeddingBag: {
      module: new nn.EmbeddingBag(6, 3, { paddingIdx: 1 }),
      inputs: (batch) => [torch.randint(0, 6, [batch, 4])],
    },
    LSTM: on(new nn.LSTM(3, 4, { batchFirst: true, numLayers: 2, bidirectional: true }), 5, 3),
    GRU: on(new nn.GRU(3, 4, { batchFirst: true }), 5, 3),
    RNN: on(new nn.RNN(3, 4, { batchFirst: true }), 5, 3),
    LSTMCell: on(new nn.LSTMCell(3, 4), 3),
    GRUCell: on(new nn.GRUCell(3, 4), 3),
    RNNCell: on(new nn.RNNCell(3, 4), 3),
    TransformerEncoderLayer: on(encoderLayer(), 5, 4),
    TransformerDecoderLayer: pair(decoderLayer(), [5, 4], [3, 4]),
    TransformerEncoder: on(new nn.TransformerEncoder(encoderLayer(), 2, new nn.LayerNorm(4)), 5, 4),
    TransformerDecoder: pair(new nn.TransformerDecoder(decoderLayer(), 2), [5, 4], [3, 4]),
    Transformer: pair(new nn.Transformer(4, 2, 1, 1, { ...small }), [5, 4], [3, 4]),
  };
}

type Padding = new (padding: number) => torch.nn.AnyModule;

function paddings([line, plane, space]: number[][]): [Padding, number[]][] {
  return [
    [nn.ZeroPad1d, line],
    [nn.ZeroPad2d, plane],
    [nn.ZeroPad3d, space],
    [nn.ReflectionPad1d, line],
    [nn.ReflectionPad2d, plane],
    [nn.ReflectionPad3d, space],
    [nn.ReplicationPad1d, line],
    [nn.ReplicationPad2d, plane],
    [nn.ReplicationPad3d, space],
    [nn.CircularPad1d, line],
    [nn.CircularPad2d, plane],
    [nn.CircularPad3d, space],
  ];
}

/** Classes of nn that compute nothing by themselves, values for training only, or by chance. */
export const notExported = new Set([
  // Their windows are drawn, others for each sample.
  "FractionalMaxPool2d",
  "FractionalMaxPool3d",
  "Module",
  "ModuleList",
  "ModuleDict",
  "ParameterList",
  "Parameter",
  "BatchNorm",
  "Buffer",
  "ParameterDict",
  "RNNBase",
  "RNNCellBase",
  // Become others when they are first called.
  ...Object.keys(nn).filter((name) => name.startsWith("Lazy")),
  "InPlaceActivation",
  ...Object.keys(nn).filter((name) => name.endsWith("Loss")),
]);
