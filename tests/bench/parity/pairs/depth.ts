/**
 * Activation functions deep in a network, where fresh weights give values so small that one function is as good as the other:
 * of each kind a right port, and one with another function in a single block.
 */
import type { keras, torch } from "@tandem/tandem";
import { F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

type Function = (x: torch.Tensor) => torch.Tensor;
type Activation = () => keras.layers.Layer;

const named = (activation: string): Activation => () =>
  new L.Activation({ activation: activation as never });

/** Three dense layers with a shortcut each; the second one's function is given. */
const blocks = (activation: Activation) => () =>
  graph([8], (x) => {
    for (let i = 1; i <= 3; i++) {
      const y = new L.Dense({ units: 8, name: `dense${i}` })(
        new L.LayerNormalization({ epsilon: 1e-5, name: `norm${i}` })(x),
      );
      const layer = activation();
      const z = new L.Dense({ units: 8, name: `back${i}` })(layer(y));
      x = new L.Add({ name: `sum${i}` })([x, z]);
    }
    return new L.Dense({ units: 3, name: "head" })(x);
  });

const blocksPort = (function_: Function, second: Function = function_) => () => {
  const list = [1, 2, 3].map((i) =>
    net(
      { norm: new nn.LayerNorm(8), to: new nn.Linear(8, 8), back: new nn.Linear(8, 8) },
      (m, x) => x.add(m.back((i === 2 ? second : function_)(m.to(m.norm(x))))),
    )
  );
  return net(
    { blocks: new nn.Sequential(...list), head: new nn.Linear(8, 3) },
    (m, x) => m.head(m.blocks(x)),
  );
};

const gelu: Function = (x) => F.gelu(x);

/** Keras' layer, the same function, and one that is another further out, or only nearly the same. */
const table: readonly [name: string, Activation, Function, name: string, Function][] = [
  ["relu6", named("relu6"), (x) => F.relu6(x), "relu", (x) => x.relu()],
  ["relu", named("relu"), (x) => x.relu(), "relu6", (x) => F.relu6(x)],
  ["gelu", named("gelu"), gelu, "gelu by tanh", (x) => F.gelu(x, { approximate: "tanh" })],
  ["silu", named("silu"), (x) => F.silu(x), "silu, cut off", (x) => F.silu(x).clamp(-10, 10)],
  [
    "hardSwish",
    named("hardSilu"),
    (x) => F.hardswish(x),
    "half of x and more",
    (x) => x.mul(x.add(3)).div(6),
  ],
  [
    "hardSigmoid",
    named("hardSigmoid"),
    (x) => F.hardsigmoid(x),
    "its slope alone",
    (x) => x.div(6).add(0.5),
  ],
  [
    "hardTanh",
    named("hardTanh"),
    (x) => x.clamp(-1, 1),
    "the values themselves",
    (x) => x.clamp(-8, 8),
  ],
  ["tanh", named("tanh"), (x) => x.tanh(), "tanh, cut off", (x) => x.tanh().clamp(-0.99, 0.99)],
  ["elu", named("elu"), (x) => F.elu(x), "elu, cut off", (x) => F.elu(x).clamp(-2, 8)],
  [
    "softplus",
    named("softplus"),
    (x) => F.softplus(x),
    "softplus, a line from 4 on",
    (x) => F.softplus(x, { threshold: 4 }),
  ],
  [
    "leaky relu",
    () => new L.LeakyReLU({ negativeSlope: 0.01 }),
    (x) => F.leakyRelu(x, 0.01),
    "relu6 above",
    (x) => F.leakyRelu(x, 0.01).clamp(-8, 6),
  ],
  ["mish", named("mish"), (x) => F.mish(x), "mish, cut off", (x) => F.mish(x).clamp(-1, 9)],
];

export const depth: readonly PairCase[] = table.flatMap(([name, layer, same, otherName, other]) => [
  right(`${name} in three blocks`, blocks(layer), blocksPort(same)),
  wrong(
    `${otherName} for ${name} in the second of three blocks`,
    /^(activation|leaky_re_lu)\w*, (function|output), |^back2, input/,
    blocks(layer),
    blocksPort(same, other),
  ),
]);
