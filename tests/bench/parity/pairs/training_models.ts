/** The models, optimizers and steps of the pairs that train. */
import { keras, type torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";
import { chain, L, net, nn, optim } from "./pair_case.ts";

export const plain = () =>
  chain(
    [6],
    new L.Dense({ units: 8, activation: "relu", name: "hidden" }),
    new L.Dense({ units: 3, name: "head" }),
  );
export const plainPort = () =>
  net(
    { hidden: new nn.Linear(6, 8), head: new nn.Linear(8, 3) },
    (m, x) => m.head(m.hidden(x).relu()),
  );

export const decayed = (l2: number) => () => {
  const kernelRegularizer = new keras.regularizers.L2({ l2 });
  return chain(
    [6],
    new L.Dense({ units: 8, activation: "relu", kernelRegularizer, name: "hidden" }),
    new L.Dense({ units: 3, kernelRegularizer, name: "head" }),
  );
};

type Ps = torch.nn.Parameter[];
export const sgd = (options: object = {}) => () =>
  new keras.optimizers.SGD({ learningRate: 0.01, ...options });
export const torchSgd = (options: object = {}) => (ps: Ps) =>
  new optim.SGD(ps, { lr: 0.01, ...options });
export const matrices = (weightDecay: number) => (ps: Ps) =>
  new optim.SGD([{ params: ps.filter(({ ndim }) => ndim > 1), weightDecay }, {
    params: ps.filter(({ ndim }) => ndim === 1),
  }], { lr: 0.01 });

export const optimizers = (
  kerasOptimizer: ModelPair["kerasOptimizer"],
  torchOptimizer: ModelPair["torchOptimizer"],
  more: Partial<ModelPair> = {},
) => ({ kerasOptimizer, torchOptimizer, ...more });

export const bn = (frozen: boolean) => () => {
  const model = chain(
    [8, 8, 3],
    new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv" }),
    new L.BatchNormalization({ momentum: 0.9, epsilon: 1e-5, name: "bn" }),
    new L.ReLU(),
    new L.Flatten(),
    new L.Dense({ units: 5, name: "head" }),
  );
  if (frozen) model.getLayer("bn").trainable = false;
  return model;
};
export const bnPort = (frozen: boolean, evaluates: boolean) =>
  net({ c: new nn.Conv2d(3, 4, 3), b: new nn.BatchNorm2d(4), h: new nn.Linear(144, 5) }, (m, x) => {
    if (evaluates) m.b.eval();
    return m.h(m.b(m.c(x)).relu().flatten(1));
  }, (m) => frozen && m.b.requiresGrad_(false));

export const frozenModel = (name: string) => () => {
  const model = plain();
  if (name) model.getLayer(name).trainable = false;
  return model;
};
export const frozenPort = (name: string) => () =>
  net(
    { hidden: new nn.Linear(6, 8), head: new nn.Linear(8, 3) },
    (m, x) => m.head(m.hidden(x).relu()),
    (m) => name && m[name].requiresGrad_(false),
  );

export const active = (layer: () => keras.SequentialPart) => () =>
  chain(
    [8, 8, 3],
    new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv" }),
    layer(),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 5, name: "head" }),
  );
export const activePort = (f: (x: torch.Tensor) => torch.Tensor) => () =>
  net({ c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(4, 5) }, (m, x) => m.h(f(m.c(x)).mean([2, 3])));
export const act = (activation: string) =>
  active(() => new L.Activation({ activation: activation as never, name: "act" }));

export const clip =
  (run: (ps: Ps) => void): ModelPair["torchStep"] => async (optimizer, _step, model) => {
    run(model.parameters());
    await optimizer.step();
    optimizer.zeroGrad();
  };
export const accumulate: ModelPair["torchStep"] = async (optimizer, step, model) => {
  if (step % 2 === 1) return;
  for (const { grad } of model.parameters()) grad?.mul_(0.5);
  await optimizer.step();
  optimizer.zeroGrad();
};
export const halvedByStep: ModelPair["torchStep"] = async (optimizer) => {
  await optimizer.step();
  optimizer.zeroGrad();
  for (const group of optimizer.paramGroups) group.lr = (group.lr as number) * 0.5;
};

export const scored = () =>
  chain(
    [6],
    new L.Dense({ units: 4, activation: "tanh", name: "hidden" }),
    new L.Dense({ units: 1, name: "head" }),
  );
export const scoredPort = () =>
  net(
    { hidden: new nn.Linear(6, 4), head: new nn.Linear(4, 1) },
    (m, x) => m.head(m.hidden(x).tanh()),
  );
export const values = {
  batch: (step: number, size: number) => ({
    inputs: Array.from({ length: 6 * size }, (_, i) => Math.sin(i + step)),
    labels: Float32Array.from({ length: size }, (_, i) => 3 * Math.cos(i * step)),
  }),
};
export const squared = { ...values, kerasLoss: new keras.losses.MeanSquaredError() as never };

export const trained = new Set<torch.nn.Module>();

export function penalized(loss: torch.Tensor): torch.Tensor {
  const [model] = [...trained].slice(-1);
  return model.parameters().filter(({ ndim }) => ndim > 1)
    .reduce((sum: torch.Tensor, p) => sum.add(p.mul(p).sum().mul(0.01)), loss);
}
