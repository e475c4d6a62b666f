/** Several layers that are one module in PyTorch, and moving averages of weights. */
import { keras, torch } from "@tandem/tandem";
import { plain, plainPort, sgd, torchSgd } from "./training_models.ts";
import { chain, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

const last = (x: torch.Tensor) => x.select(1, x.shape[1] - 1);

type Kind = "LSTM" | "GRU" | "SimpleRNN";

function layer(kind: Kind, units: number, returnSequences: boolean, options: object) {
  return new L[kind]({ units, returnSequences, ...options });
}

/** Two or three recurrent layers one behind the other, with or without both directions. */
const stack = (kind: Kind, count: number, both: boolean, options: object = {}) => () =>
  chain(
    [7, 5],
    ...Array.from({ length: count }, (_, i) => {
      const one = layer(kind, 4, both || i < count - 1, options);
      return both ? new L.Bidirectional({ layer: one, name: `both${i}` }) : one;
    }),
    ...(both ? [new L.GlobalAveragePooling1D()] : []),
    new L.Dense({ units: 3, name: "head" }),
  );

const stackPort = (kind: Kind, numLayers: number, both: boolean, options: object = {}) => () => {
  const module = nn[kind === "SimpleRNN" ? "RNN" : kind];
  const rnn = new module(5, 4, { numLayers, batchFirst: true, bidirectional: both, ...options });
  return net(
    { rnn, h: new nn.Linear(both ? 8 : 4, 3) },
    (m, x) => m.h(both ? m.rnn(x)[0].mean(1) : last(m.rnn(x)[0])),
  );
};

/** The same as two modules. */
const twoPort = (swapped: boolean) => () =>
  net(
    {
      second: new nn.LSTM(4, 4, { batchFirst: true }),
      first: new nn.LSTM(5, 4, { batchFirst: true }),
      h: new nn.Linear(4, 3),
    },
    (m, x) => {
      const y = m.first(x)[0];
      return m.h(last(m.second(swapped ? y.flip([1]) : y)[0]));
    },
  );

const dense = (units: number, name: string) => new L.Dense({ units, name });
const heads = { numHeads: 2, width: 8, steps: 6 };

/** Attention with queries, keys and values from one layer, as many write it. */
const packed = () =>
  graph([heads.steps, heads.width], (x) => {
    const { numHeads, width, steps } = heads;
    const qkv = new L.Reshape({
      targetShape: [steps, 3, numHeads, width / numHeads],
      name: "split",
    })(
      dense(3 * width, "qkv")(x),
    );
    const [q, k, v] = [0, 1, 2].map((at) =>
      new L.Permute({ dims: [2, 1, 3] })(
        new L.Reshape({ targetShape: [steps, numHeads, width / numHeads] })(
          new L.Cropping3D({ cropping: [[0, 0], [at, 2 - at], [0, 0]] })(qkv),
        ),
      )
    );
    const scores = new L.Rescaling({ scale: (width / numHeads) ** -0.5 })(
      keras.ops.matmul(q, keras.ops.transpose(k, [0, 1, 3, 2])),
    );
    const mixed = keras.ops.matmul(new L.Softmax()(scores), v);
    const joined = new L.Reshape({ targetShape: [steps, width] })(
      new L.Permute({ dims: [2, 1, 3] })(mixed),
    );
    const y = new L.Add()([x, dense(width, "out")(joined)]);
    return dense(3, "head")(new L.GlobalAveragePooling1D()(y));
  });
const packedPort = (numHeads: number) => () =>
  net({ a: new nn.MultiheadAttention(8, numHeads, { batchFirst: true }), h: new nn.Linear(8, 3) }, (
    m,
    x,
  ) => m.h(x.add(m.a(x, x, x)[0]).mean(1)));
const packedLinear = (order: readonly number[]) => () =>
  net({ qkv: new nn.Linear(8, 24), o: new nn.Linear(8, 8), h: new nn.Linear(8, 3) }, (m, x) => {
    const { numHeads, width, steps } = heads;
    const parts = m.qkv(x).chunk(3, -1).map((one: torch.Tensor) =>
      one.reshape(x.shape[0], steps, numHeads, width / numHeads).transpose(1, 2)
    );
    const [q, k, v] = order.map((at) => parts[at]);
    const y = nn.functional.scaledDotProductAttention(q, k, v);
    return m.h(x.add(m.o(y.transpose(1, 2).reshape(x.shape[0], steps, width))).mean(1));
  });

const averaged = (decay: number) => ({
  torchAverage: (model: torch.nn.AnyModule) => {
    const { AveragedModel, getEmaAvgFn } = torch.optim.swaUtils;
    return new AveragedModel(model, { avgFn: getEmaAvgFn(decay) });
  },
});
const ema = (emaMomentum: number) => ({
  kerasOptimizer: sgd({ useEma: true, emaMomentum, momentum: 0.9 }),
  torchOptimizer: torchSgd({ momentum: 0.9 }),
});

export const stacks: readonly PairCase[] = [
  right("two LSTMs against numLayers: 2", stack("LSTM", 2, false), stackPort("LSTM", 2, false)),
  right("three LSTMs against numLayers: 3", stack("LSTM", 3, false), stackPort("LSTM", 3, false)),
  right("two LSTMs in both directions", stack("LSTM", 2, true), stackPort("LSTM", 2, true)),
  right("two GRUs against numLayers: 2", stack("GRU", 2, false), stackPort("GRU", 2, false)),
  right("two GRUs in both directions", stack("GRU", 2, true), stackPort("GRU", 2, true)),
  right(
    "two SimpleRNNs against numLayers: 2",
    stack("SimpleRNN", 2, false),
    stackPort("SimpleRNN", 2, false),
  ),
  right(
    "two LSTMs without bias",
    stack("LSTM", 2, false, { useBias: false }),
    stackPort("LSTM", 2, false, { bias: false }),
  ),
  right("two LSTMs against two modules", stack("LSTM", 2, false), twoPort(false)),
  wrong(
    "the second of two LSTMs backwards",
    /lstm\w*, (in|out)put/,
    stack("LSTM", 2, false),
    twoPort(true),
  ),
  wrong(
    "one LSTM against numLayers: 2",
    /lstm\w*, weight_ih_l1, weights only PyTorch has it|lstm\w*, weights, weights not compared/,
    stack("LSTM", 1, false),
    stackPort("LSTM", 2, false),
  ),
  wrong(
    "two LSTMs against one",
    /lstm\w*, weights, weights not compared/,
    stack("LSTM", 2, false),
    stackPort("LSTM", 1, false),
  ),
  wrong(
    "two LSTMs with hard sigmoid against numLayers: 2",
    /lstm\w*, output/,
    stack("LSTM", 2, false, { recurrentActivation: "hardSigmoid" }),
    stackPort("LSTM", 2, false),
  ),
  wrong(
    "two GRUs, reset before, against numLayers: 2",
    /gru\w*, cell\/bias, weights/,
    stack("GRU", 2, false, { resetAfter: false }),
    stackPort("GRU", 2, false),
  ),
  wrong(
    "GRUs without bias, reset before",
    /gru\w*, output/,
    stack("GRU", 2, false, { resetAfter: false, useBias: false }),
    stackPort("GRU", 2, false, { bias: false }),
  ),
  right(
    "GRUs without bias, reset after",
    stack("GRU", 2, false, { useBias: false }),
    stackPort("GRU", 2, false, { bias: false }),
  ),
  right("one layer for q, k, v against packed attention", packed, packedPort(2)),
  wrong(
    "one layer for q, k, v, another number of heads",
    /(softmax|rescaling|permute|reshape|add|out)\w*, /,
    packed,
    packedPort(4),
  ),
  right("one layer for q, k, v against one module", packed, packedLinear([0, 1, 2])),
  wrong(
    "one layer for q, k, v, keys and queries swapped in one module",
    /, output, training/,
    packed,
    packedLinear([1, 0, 2]),
  ),
  right("moving averages", plain, plainPort, { ...ema(0.9), ...averaged(0.9) }),
  wrong(
    "moving averages, another momentum",
    /SGD, averages, update 4 of 4 averages differ: Keras keeps 0.9/,
    plain,
    plainPort,
    {
      ...ema(0.9),
      ...averaged(0.99),
    },
  ),
  wrong(
    "moving averages in Keras only",
    /SGD, averages, update .*PyTorch does not/,
    plain,
    plainPort,
    ema(0.9),
  ),
  wrong(
    "moving averages in PyTorch only",
    /SGD, averages, update .*Keras' optimizer does not/,
    plain,
    plainPort,
    {
      kerasOptimizer: sgd(),
      torchOptimizer: torchSgd(),
      ...averaged(0.9),
    },
  ),
];
