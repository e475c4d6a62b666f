/** Recurrent and attention layers, embeddings, and layers with weights that are laid out otherwise. */
import type { torch } from "@tandem/tandem";
import { chain, F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

const last = (x: torch.Tensor) => x.select(1, x.shape[1] - 1);

const lstm = (options: object = {}) => () =>
  chain(
    [7, 5],
    new L.LSTM({ units: 6, name: "lstm", ...options }),
    new L.Dense({ units: 3, name: "head" }),
  );
const recurrentPort = (
  make: () => torch.nn.AnyModule,
  pick: (y: torch.Tensor) => torch.Tensor = last,
  width = 6,
) => net({ rnn: make(), h: new nn.Linear(width, 3) }, (m, x) => m.h(pick(m.rnn(x)[0])));
const batchFirst = { batchFirst: true };

const gru = (options: object = {}) => () =>
  chain(
    [7, 5],
    new L.GRU({ units: 6, name: "gru", ...options }),
    new L.Dense({ units: 3, name: "head" }),
  );
const simple = () =>
  chain(
    [7, 5],
    new L.SimpleRNN({ units: 6, name: "rnn" }),
    new L.Dense({ units: 3, name: "head" }),
  );

const both = (layer: object) => () =>
  chain(
    [7, 5],
    new L.Bidirectional({ layer: layer as never, name: "both" }),
    new L.GlobalAveragePooling1D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const bothSequences = both(new L.LSTM({ units: 4, returnSequences: true }));
const bothPort = (options: object) =>
  net(
    { rnn: new nn.LSTM(5, 4, { batchFirst: true, ...options }), h: new nn.Linear(8, 3) },
    (m, x) => m.h(m.rnn(x)[0].mean(1)),
  );

const words = () =>
  graph([9], (x) => {
    const y = new L.Embedding({ inputDim: 20, outputDim: 6, name: "words" })(x);
    return new L.Dense({ units: 3, name: "head" })(new L.LSTM({ units: 4, name: "lstm" })(y));
  });
const wordsPort = (change: string = "") =>
  net({
    e: new nn.Embedding(20, 6),
    rnn: new nn.LSTM(6, 4, { batchFirst: true }),
    h: new nn.Linear(4, 3),
  }, (m, x) => {
    const y = m.e(x);
    const out = m.rnn(change === "scaled" ? y.mul(Math.sqrt(6)) : y)[0];
    return m.h(change === "mean" ? out.mean(1) : last(out));
  });

const attention = () =>
  graph([6, 8], (x) => {
    const y = new L.LayerNormalization({ epsilon: 1e-6, name: "ln" })(x);
    const a = new L.MultiHeadAttention({ numHeads: 2, keyDim: 4, name: "attention" })(y, y);
    const z = new L.Add({ name: "sum" })([x, a]);
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalAveragePooling1D()(z));
  });
const attentionPort = (heads: number, change: string = "") =>
  net({
    ln: new nn.LayerNorm(8, { eps: 1e-6 }),
    a: new nn.MultiheadAttention(8, heads, { batchFirst: true }),
    h: new nn.Linear(8, 3),
  }, (m, x) => {
    const y = m.ln(x);
    const [a] = m.a(y, y, change === "values" ? x : y);
    return m.h((change === "no sum" ? a : x.add(a)).mean(1));
  });

const heads = (x: torch.Tensor) => x.reshape(x.shape[0], 6, 2, 4).transpose(1, 2);
const openPort = (scale: number) =>
  net({
    ln: new nn.LayerNorm(8, { eps: 1e-6 }),
    q: new nn.Linear(8, 8),
    k: new nn.Linear(8, 8),
    v: new nn.Linear(8, 8),
    o: new nn.Linear(8, 8),
    h: new nn.Linear(8, 3),
  }, (m, x) => {
    const y = m.ln(x);
    const weights = heads(m.q(y)).mul(scale).matmul(heads(m.k(y)).transpose(2, 3)).softmax(-1);
    const mixed = weights.matmul(heads(m.v(y))).transpose(1, 2).reshape(x.shape[0], 6, 8);
    return m.h(x.add(m.o(mixed)).mean(1));
  });

const dense = (name: string) => new L.Dense({ units: 8, name });
const own = () =>
  graph([6, 8], (x) => {
    const [q, k, v] = ["q", "k", "v"].map((name) => dense(name)(x));
    const scores = new L.Rescaling({ scale: 1 / Math.sqrt(8), name: "scale" })(
      new L.Dot({ axes: [2, 2], name: "scores" })([q, k]),
    );
    const mixed = new L.Dot({ axes: [2, 1], name: "mix" })([
      new L.Softmax({ name: "softmax" })(scores),
      v,
    ]);
    const z = new L.Add()([x, dense("o")(mixed)]);
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalAveragePooling1D()(z));
  });
const ownPacked = (order: number[]) =>
  net({ qkv: new nn.Linear(8, 24), o: new nn.Linear(8, 8), h: new nn.Linear(8, 3) }, (m, x) => {
    const parts = m.qkv(x).chunk(3, -1);
    const [q, k, v] = order.map((at) => parts[at]);
    const weights = q.matmul(k.transpose(1, 2)).mul(1 / Math.sqrt(8)).softmax(-1);
    return m.h(x.add(m.o(weights.matmul(v))).mean(1));
  });

const prelu = () =>
  chain(
    [6, 6, 4],
    new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv" }),
    new L.PReLU({ sharedAxes: [1, 2], alphaInitializer: "randomUniform", name: "prelu" }),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const preluPort = (act: torch.nn.Module) =>
  net(
    { c: new nn.Conv2d(4, 4, 3), act, h: new nn.Linear(4, 3) },
    (m, x) => m.h(m.act(m.c(x)).mean([2, 3])),
  );

const groups = () =>
  chain(
    [6, 6, 4],
    new L.GroupNormalization({ groups: 2, epsilon: 1e-5, name: "gn" }),
    new L.Conv2D({ filters: 6, kernelSize: 3, groups: 2, name: "grouped" }),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const groupsPort = (number: number, conv = 2) =>
  net({
    gn: new nn.GroupNorm(number, 4),
    c: new nn.Conv2d(4, 6, 3, { groups: conv }),
    h: new nn.Linear(6, 3),
  }, (m, x) => m.h(m.c(m.gn(x)).mean([2, 3])));

const depthwise = () =>
  chain(
    [6, 6, 3],
    new L.DepthwiseConv2D({ kernelSize: 3, depthMultiplier: 2, activation: "relu", name: "depth" }),
    new L.SeparableConv2D({ filters: 5, kernelSize: 3, name: "separable" }),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const depthwisePort = (act: (x: torch.Tensor) => torch.Tensor) =>
  net({
    d: new nn.Conv2d(3, 6, 3, { groups: 3 }),
    s: new nn.Conv2d(6, 6, 3, { groups: 6, bias: false }),
    p: new nn.Conv2d(6, 5, 1),
    h: new nn.Linear(5, 3),
  }, (m, x) => m.h(m.p(m.s(act(m.d(x)))).mean([2, 3])));

const grown = () =>
  chain(
    [10, 4],
    new L.Conv1DTranspose({ filters: 5, kernelSize: 3, name: "up" }),
    new L.Flatten(),
    new L.Dense({ units: 3, name: "head" }),
  );
const grownPort = () =>
  net(
    { up: new nn.ConvTranspose1d(4, 5, 3), h: new nn.Linear(60, 3) },
    (m, x) => m.h(m.up(x).flatten(1)),
  );

const conv1d = () =>
  chain(
    [10, 4],
    new L.Conv1D({
      filters: 6,
      kernelSize: 3,
      padding: "causal",
      activation: "relu",
      name: "conv",
    }),
    new L.GlobalMaxPooling1D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const conv1dPort = (pad: number[]) =>
  net(
    { c: new nn.Conv1d(4, 6, 3), h: new nn.Linear(6, 3) },
    (m, x) => m.h(m.c(F.pad(x, pads(pad))).relu().amax(2)),
  );
const pads = (pad: number[]) => pad;

export const sequences: readonly PairCase[] = [
  right("LSTM, the last step", lstm(), () => recurrentPort(() => new nn.LSTM(5, 6, batchFirst))),
  right(
    "LSTM without bias",
    lstm({ useBias: false }),
    () => recurrentPort(() => new nn.LSTM(5, 6, { batchFirst: true, bias: false })),
  ),
  wrong(
    "LSTM, the first step",
    /lstm, output, training/,
    lstm(),
    () => recurrentPort(() => new nn.LSTM(5, 6, batchFirst), (y) => y.select(1, 0)),
  ),
  wrong(
    "LSTM, steps taken as the batch",
    /lstm, output|pass/,
    lstm(),
    () => recurrentPort(() => new nn.LSTM(5, 6)),
  ),
  wrong(
    "LSTM with hard sigmoid",
    /lstm, output/,
    lstm({ recurrentActivation: "hardSigmoid" }),
    () => recurrentPort(() => new nn.LSTM(5, 6, batchFirst)),
  ),
  wrong(
    "LSTM backwards",
    /lstm, output/,
    lstm({ goBackwards: true }),
    () => recurrentPort(() => new nn.LSTM(5, 6, batchFirst)),
  ),
  right("GRU, reset after", gru(), () => recurrentPort(() => new nn.GRU(5, 6, batchFirst))),
  wrong(
    "GRU, reset before",
    /gru, cell\/bias, weights/,
    gru({ resetAfter: false }),
    () => recurrentPort(() => new nn.GRU(5, 6, batchFirst)),
  ),
  right("SimpleRNN", simple, () => recurrentPort(() => new nn.RNN(5, 6, batchFirst))),
  wrong(
    "SimpleRNN with relu",
    /rnn, output/,
    simple,
    () => recurrentPort(() => new nn.RNN(5, 6, { batchFirst: true, nonlinearity: "relu" })),
  ),
  right("bidirectional LSTM", bothSequences, () => bothPort({ bidirectional: true })),
  right(
    "bidirectional GRU",
    both(new L.GRU({ units: 4, returnSequences: true })),
    () =>
      net({
        rnn: new nn.GRU(5, 4, { batchFirst: true, bidirectional: true }),
        h: new nn.Linear(8, 3),
      }, (m, x) => m.h(m.rnn(x)[0].mean(1))),
  ),
  wrong(
    "bidirectional, halves swapped",
    /head, (in|out)put|global_average_pooling1d\w*, output/,
    bothSequences,
    () =>
      net({
        rnn: new nn.LSTM(5, 4, { batchFirst: true, bidirectional: true }),
        h: new nn.Linear(8, 3),
      }, (m, x) => m.h(m.rnn(x)[0].mean(1).roll(4, 1))),
  ),
  right("embedding and LSTM", words, () => wordsPort()),
  wrong("embedding scaled", /lstm, (in|out)put/, words, () => wordsPort("scaled")),
  wrong("LSTM averaged", /lstm, output/, words, () => wordsPort("mean")),
  right("attention against packed attention", attention, () => attentionPort(2)),
  right("attention against four linear modules", attention, () => openPort(1 / Math.sqrt(4))),
  wrong(
    "attention, another number of heads",
    /attention, output/,
    attention,
    () => attentionPort(4),
  ),
  wrong("attention, not scaled", /attention, output/, attention, () => openPort(1)),
  wrong(
    "attention, values of another tensor",
    /attention, output/,
    attention,
    () => attentionPort(2, "values"),
  ),
  wrong(
    "attention without the residual",
    /sum, output/,
    attention,
    () => attentionPort(2, "no sum"),
  ),
  right("dense q, k, v against one matrix", own, () => ownPacked([0, 1, 2])),
  wrong("one matrix, values and keys swapped", /scores, output/, own, () => ownPacked([0, 2, 1])),
  right("a transposed convolution over steps first", grown, grownPort),
  right("PReLU by channel", prelu, () => preluPort(new nn.PReLU(4))),
  wrong(
    "leaky relu for PReLU",
    /prelu, weights, weights not compared/,
    prelu,
    () => preluPort(new nn.LeakyReLU(0.25)),
  ),
  right("group normalization, grouped convolution", groups, () => groupsPort(2)),
  wrong("group normalization, another number of groups", /gn, output/, groups, () => groupsPort(4)),
  wrong(
    "convolution without groups",
    /grouped, kernel, weights shapes differ/,
    groups,
    () => groupsPort(2, 1),
  ),
  right("depthwise with multiplier, separable", depthwise, () => depthwisePort((x) => x.relu())),
  wrong("depthwise without relu", /depth\/relu, output/, depthwise, () => depthwisePort((x) => x)),
  right("causal convolution against a pad", conv1d, () => conv1dPort([2, 0])),
  wrong("causal convolution against same", /conv, (in|out)put/, conv1d, () => conv1dPort([1, 1])),
];
