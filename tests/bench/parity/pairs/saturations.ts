/**
 * Functions that saturate where no value of a batch comes: before a max pooling and behind it, in recurrent cells, in attention.
 */
import { type keras, torch } from "@tandem/tandem";
import { chain, F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

type Function = (x: torch.Tensor) => torch.Tensor;

const relu: Function = (x) => x.relu();
const relu6: Function = (x) => F.relu6(x);
const tanh: Function = (x) => x.tanh();
const sigmoid: Function = (x) => x.sigmoid();
const same: Function = (x) => x;
const cutOff = (low: number, high: number, function_ = same): Function => (x) =>
  function_(x).clamp(low, high);

const act = (activation: string) =>
  activation === "linear"
    ? []
    : [new L.Activation({ activation: activation as never, name: "act" })];

/** A normalized convolution, a function on either side of a pooling, or on both. */
const pooled = (before: string, behind: string, pool: () => keras.layers.Layer) => () =>
  chain(
    [8, 8, 3],
    new L.GroupNormalization({ groups: 1, epsilon: 1e-5, name: "norm" }),
    new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv" }),
    ...act(before),
    pool(),
    ...act(behind),
    new L.Flatten(),
    new L.Dense({ units: 5, name: "head" }),
  );
const maxPool = () => new L.MaxPooling2D({ poolSize: 2, name: "pool" });
const padAround = () => new L.ZeroPadding2D({ padding: 1, name: "pool" });
const globalPool = () => new L.GlobalMaxPooling2D({ name: "pool" });

const pooledPort = (before: Function, behind: Function, pool: Function, width = 36) => () =>
  net(
    { n: new nn.GroupNorm(1, 3), c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(width, 5) },
    (m, x) => m.h(behind(pool(before(m.c(m.n(x))))).flatten(1)),
  );
const max: Function = (x) => F.maxPool2d(x, 2);
const pad: Function = (x) => F.pad(x, [1, 1, 1, 1]);
const largest: Function = (x) => x.amax([2, 3]);

/** Two branches that are joined, and a function. */
const joined = () =>
  graph([8], (x) => {
    const parts = ["a", "b"].map((name) => new L.Dense({ units: 4, name })(x));
    const y = new L.Activation({ activation: "relu6", name: "act" })(
      new L.Concatenate()(parts),
    );
    return new L.Dense({ units: 3, name: "head" })(y);
  });
const joinedPort = (ofA: Function, ofB: Function) => () =>
  net(
    { a: new nn.Linear(8, 4), b: new nn.Linear(8, 4), h: new nn.Linear(8, 3) },
    (m, x) => m.h(torch.cat([ofA(m.a(x)), ofB(m.b(x))], 1)),
  );

type Kind = "LSTM" | "GRU" | "SimpleRNN";
const [steps, features, units] = [4, 5, 6];

const recurrent = (kind: Kind, options: object = {}) => () =>
  chain(
    [steps, features],
    new L.LayerNormalization({ epsilon: 1e-5, name: "norm" }),
    new L[kind]({ units, name: "rnn", ...options }),
    new L.Dense({ units: 3, name: "head" }),
  );

/** One step: what the input and the state give, each by gate, and the state; its first part is the result. */
type Step = (x: torch.Tensor[], inner: torch.Tensor[], state: torch.Tensor[]) => torch.Tensor[];

const simpleStep = (function_: Function): Step => ([x], [inner]) => [function_(x.add(inner))];

const lstmStep = (gate: Function, function_: Function, memory: Function = same): Step =>
(
  x,
  inner,
  [, c],
) => {
  const [i, f, g, o] = x.map((one, at) => one.add(inner[at]));
  const next = memory(gate(f).mul(c).add(gate(i).mul(function_(g))));
  return [gate(o).mul(function_(next)), next];
};

/** Written as n + z (h - n), not as (1 - z) n + z h. */
const gruStep = (gate: Function, function_: Function, state: Function = same): Step =>
(
  x,
  inner,
  [h],
) => {
  const [r, z] = [0, 1].map((at) => gate(x[at].add(inner[at])));
  const n = function_(x[2].add(r.mul(inner[2])));
  return [state(n.add(z.mul(h.sub(n))))];
};

/** A module of PyTorch's with a cell of one's own. */
function withStep(module: torch.nn.LSTM | torch.nn.GRU | torch.nn.RNN, gates: number, step: Step) {
  const forward = (given: torch.Tensor) => {
    const { weightIhL0, weightHhL0, biasIhL0, biasHhL0 } = module as unknown as Record<
      string,
      torch.Tensor
    >;
    const linear = (x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) =>
      x.matmul(weight.t()).add(bias).chunk(gates, 1);
    let state = [0, 1].map(() => torch.zeros(given.shape[0], units));
    for (let t = 0; t < given.shape[1]; t++) {
      const x = linear(given.select(1, t), weightIhL0, biasIhL0);
      state = step(x, linear(state[0], weightHhL0, biasHhL0), state);
    }
    return state;
  };
  return Object.assign(module, { forward });
}

const recurrentPort = (
  make: () => torch.nn.AnyModule,
  pick = same,
  width = units,
) =>
() =>
  net(
    { n: new nn.LayerNorm(features), rnn: make(), h: new nn.Linear(width, 3) },
    (m, x) => m.h(pick(m.rnn(m.n(x))[0])),
  );
const options = { batchFirst: true };
const own: Readonly<Record<Kind, (step: Step) => () => torch.nn.Module>> = {
  LSTM: (step) => recurrentPort(() => withStep(new nn.LSTM(features, units, options), 4, step)),
  GRU: (step) => recurrentPort(() => withStep(new nn.GRU(features, units, options), 3, step)),
  SimpleRNN: (step) => recurrentPort(() => withStep(new nn.RNN(features, units, options), 1, step)),
};
const last: Function = (y) => y.select(1, steps - 1);
const reluModule = (more: object = {}, pick = last, width = units) =>
  recurrentPort(
    () => new nn.RNN(features, units, { ...options, nonlinearity: "relu", ...more }),
    pick,
    width,
  );

const ofTwo = (activation: string) => () =>
  chain(
    [steps, features],
    new L.LayerNormalization({ epsilon: 1e-5, name: "norm" }),
    new L.SimpleRNN({ units, returnSequences: true, name: "rnn", activation: activation as never }),
    new L.SimpleRNN({ units, name: "second", activation: activation as never }),
    new L.Dense({ units: 3, name: "head" }),
  );
const ofBoth = (activation: string) => () =>
  chain(
    [steps, features],
    new L.LayerNormalization({ epsilon: 1e-5, name: "norm" }),
    new L.Bidirectional({
      layer: new L.SimpleRNN({ units, activation: activation as never }),
      name: "rnn",
    }),
    new L.Dense({ units: 3, name: "head" }),
  );
const ends: Function = (y) =>
  torch.cat([last(y).narrow(1, 0, units), y.select(1, 0).narrow(1, units, units)], 1);

/** Attention whose scores are cut off, or are not. */
const attention = () =>
  graph([6, 8], (x) => {
    const [q, k, v] = ["q", "k", "v"].map((name) => new L.Dense({ units: 8, name })(x));
    const scores = new L.Dot({ axes: [2, 2], name: "scores" })([q, k]);
    const mixed = new L.Dot({ axes: [2, 1], name: "mix" })([new L.Softmax()(scores), v]);
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalAveragePooling1D()(mixed));
  });
const linears = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, new nn.Linear(8, 8)]));
const attentionPort = (scores: Function) => () =>
  net({ ...linears("q", "k", "v"), h: new nn.Linear(8, 3) }, (m, x) => {
    const weights = scores(m.q(x).matmul(m.k(x).transpose(1, 2))).softmax(-1);
    return m.h(weights.matmul(m.v(x)).mean(1));
  });

/** A gated linear unit. */
const gated = () =>
  graph([8], (x) => {
    const [value, gate] = ["value", "gate"].map((name) => new L.Dense({ units: 8, name })(x));
    const open = new L.Activation({ activation: "silu", name: "open" })(gate);
    return new L.Dense({ units: 3, name: "head" })(
      new L.Multiply({ name: "product" })([value, open]),
    );
  });
const gatedPort = (gate: Function) => () =>
  net(
    { ...linears("value", "gate"), h: new nn.Linear(8, 3) },
    (m, x) => m.h(m.value(x).mul(gate(m.gate(x)))),
  );

const inPool = /^(act|pool), function, training/;
const inCell = /^rnn, function, training/;
const capped: Function = (x) => x.div(50).tanh().mul(50);

export const saturations: readonly PairCase[] = [
  right("relu6 behind max pool", pooled("relu6", "linear", maxPool), pooledPort(same, relu6, max)),
  right("relu6 before max pool", pooled("linear", "relu6", maxPool), pooledPort(relu6, same, max)),
  right("relu before max pool", pooled("linear", "relu", maxPool), pooledPort(relu, same, max)),
  right("tanh behind max pool", pooled("tanh", "linear", maxPool), pooledPort(same, tanh, max)),
  right(
    "relu6 behind a global max pool",
    pooled("relu6", "linear", globalPool),
    pooledPort(same, relu6, largest, 4),
  ),
  right(
    "relu6 behind a pad",
    pooled("relu6", "linear", padAround),
    pooledPort(same, relu6, pad, 256),
  ),
  wrong(
    "relu behind max pool for relu6",
    inPool,
    pooled("relu6", "linear", maxPool),
    pooledPort(same, relu, max),
  ),
  wrong(
    "relu6 behind max pool for relu",
    inPool,
    pooled("relu", "linear", maxPool),
    pooledPort(same, relu6, max),
  ),
  wrong(
    "relu before max pool for relu6 behind it",
    inPool,
    pooled("linear", "relu6", maxPool),
    pooledPort(relu, same, max),
  ),
  wrong(
    "tanh, cut off, behind max pool",
    inPool,
    pooled("tanh", "linear", maxPool),
    pooledPort(same, cutOff(-0.999, 0.999, tanh), max),
  ),
  wrong(
    "relu behind a global max pool for relu6",
    inPool,
    pooled("relu6", "linear", globalPool),
    pooledPort(same, relu, largest, 4),
  ),
  wrong(
    "relu behind a pad for relu6",
    inPool,
    pooled("relu6", "linear", padAround),
    pooledPort(same, relu, pad, 256),
  ),
  right("relu6 of two branches", joined, joinedPort(relu6, relu6)),
  wrong(
    "relu6 of two branches, relu in one",
    /^act, function, training/,
    joined,
    joinedPort(relu6, relu),
  ),

  right(
    "SimpleRNN with relu in both models",
    recurrent("SimpleRNN", { activation: "relu" }),
    reluModule(),
  ),
  right(
    "SimpleRNN with relu6, an own cell",
    recurrent("SimpleRNN", { activation: "relu6" }),
    own.SimpleRNN(simpleStep(relu6)),
  ),
  wrong(
    "SimpleRNN with relu for relu6",
    inCell,
    recurrent("SimpleRNN", { activation: "relu6" }),
    reluModule(),
  ),
  right("two SimpleRNNs with relu", ofTwo("relu"), reluModule({ numLayers: 2 })),
  wrong(
    "two SimpleRNNs with relu for relu6",
    inCell,
    ofTwo("relu6"),
    reluModule({ numLayers: 2 }),
  ),
  right(
    "SimpleRNN with relu in both directions",
    ofBoth("relu"),
    reluModule({ bidirectional: true }, ends, 2 * units),
  ),
  wrong(
    "SimpleRNN with relu for relu6 in both directions",
    inCell,
    ofBoth("relu6"),
    reluModule({ bidirectional: true }, ends, 2 * units),
  ),
  wrong(
    "SimpleRNN with tanh, cut off",
    inCell,
    recurrent("SimpleRNN"),
    own.SimpleRNN(simpleStep(cutOff(-0.9999, 0.9999, tanh))),
  ),
  right("LSTM, an own cell", recurrent("LSTM"), own.LSTM(lstmStep(sigmoid, tanh))),
  right(
    "LSTM with hard sigmoid and relu6, an own cell",
    recurrent("LSTM", { recurrentActivation: "hardSigmoid", activation: "relu6" }),
    own.LSTM(lstmStep((x) => x.div(6).add(0.5).clamp(0, 1), relu6)),
  ),
  wrong(
    "LSTM with relu for relu6",
    inCell,
    recurrent("LSTM", { activation: "relu6" }),
    own.LSTM(lstmStep(sigmoid, relu)),
  ),
  wrong(
    "LSTM with a hard sigmoid's slope alone",
    inCell,
    recurrent("LSTM", { recurrentActivation: "hardSigmoid" }),
    own.LSTM(lstmStep((x) => x.div(6).add(0.5), tanh)),
  ),
  wrong(
    "LSTM whose memory is cut off",
    inCell,
    recurrent("LSTM"),
    own.LSTM(lstmStep(sigmoid, tanh, cutOff(-9, 9))),
  ),
  right("GRU, an own cell", recurrent("GRU"), own.GRU(gruStep(sigmoid, tanh))),
  wrong(
    "GRU with a sigmoid that is cut off",
    inCell,
    recurrent("GRU"),
    own.GRU(gruStep(cutOff(0.001, 0.999, sigmoid), tanh)),
  ),
  wrong(
    "GRU whose state is cut off",
    inCell,
    recurrent("GRU", { activation: "relu" }),
    own.GRU(gruStep(sigmoid, relu, cutOff(-7, 7))),
  ),

  right("attention, scores as they are", attention, attentionPort(same)),
  wrong(
    "attention, scores cut off",
    /, function, training/,
    attention,
    attentionPort(cutOff(-20, 20)),
  ),
  wrong(
    "attention, scores capped by tanh",
    /, function, training/,
    attention,
    attentionPort(capped),
  ),
  right("a gated unit", gated, gatedPort((x) => x.mul(x.sigmoid()))),
  wrong(
    "a gated unit, cut off",
    /^(open|product), function, training/,
    gated,
    gatedPort((x) => F.silu(x).clamp(-1, 9)),
  ),
];
