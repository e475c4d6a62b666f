/** What trains: penalties, frozen layers, optimizers, schedules; and activations that fresh weights hide. */
import * as tf from "@tensorflow/tfjs";
import { keras, type torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";
import { chain, F, L, net, nn, optim, type PairCase, right, wrong } from "./pair_case.ts";

const plain = () =>
  chain(
    [6],
    new L.Dense({ units: 8, activation: "relu", name: "hidden" }),
    new L.Dense({ units: 3, name: "head" }),
  );
const plainPort = () =>
  net(
    { hidden: new nn.Linear(6, 8), head: new nn.Linear(8, 3) },
    (m, x) => m.head(m.hidden(x).relu()),
  );

const decayed = (l2: number) => () => {
  const kernelRegularizer = new keras.regularizers.L2({ l2 });
  return chain(
    [6],
    new L.Dense({ units: 8, activation: "relu", kernelRegularizer, name: "hidden" }),
    new L.Dense({ units: 3, kernelRegularizer, name: "head" }),
  );
};

type Ps = torch.nn.Parameter[];
const sgd = (options: object = {}) => () =>
  new keras.optimizers.SGD({ learningRate: 0.01, ...options });
const torchSgd = (options: object = {}) => (ps: Ps) => new optim.SGD(ps, { lr: 0.01, ...options });
const matrices = (weightDecay: number) => (ps: Ps) =>
  new optim.SGD([{ params: ps.filter(({ ndim }) => ndim > 1), weightDecay }, {
    params: ps.filter(({ ndim }) => ndim === 1),
  }], { lr: 0.01 });

const optimizers = (
  kerasOptimizer: ModelPair["kerasOptimizer"],
  torchOptimizer: ModelPair["torchOptimizer"],
  more: Partial<ModelPair> = {},
) => ({ kerasOptimizer, torchOptimizer, ...more });

const bn = (frozen: boolean) => () => {
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
const bnPort = (frozen: boolean, evaluates: boolean) =>
  net({ c: new nn.Conv2d(3, 4, 3), b: new nn.BatchNorm2d(4), h: new nn.Linear(144, 5) }, (m, x) => {
    if (evaluates) m.b.eval();
    return m.h(m.b(m.c(x)).relu().flatten(1));
  }, (m) => frozen && m.b.requiresGrad_(false));

const frozenModel = (name: string) => () => {
  const model = plain();
  if (name) model.getLayer(name).trainable = false;
  return model;
};
const frozenPort = (name: string) => () =>
  net(
    { hidden: new nn.Linear(6, 8), head: new nn.Linear(8, 3) },
    (m, x) => m.head(m.hidden(x).relu()),
    (m) => name && m[name].requiresGrad_(false),
  );

const active = (layer: () => keras.SequentialPart) => () =>
  chain(
    [8, 8, 3],
    new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv" }),
    layer(),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 5, name: "head" }),
  );
const activePort = (f: (x: torch.Tensor) => torch.Tensor) => () =>
  net({ c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(4, 5) }, (m, x) => m.h(f(m.c(x)).mean([2, 3])));
const act = (activation: string) =>
  active(() => new L.Activation({ activation: activation as never, name: "act" }));

const clip = (run: (ps: Ps) => void): ModelPair["torchStep"] => async (optimizer, _step, model) => {
  run(model.parameters());
  await optimizer.step();
  optimizer.zeroGrad();
};
const accumulate: ModelPair["torchStep"] = async (optimizer, step, model) => {
  if (step % 2 === 1) return;
  for (const { grad } of model.parameters()) grad?.mul_(0.5);
  await optimizer.step();
  optimizer.zeroGrad();
};
const halvedByStep: ModelPair["torchStep"] = async (optimizer) => {
  await optimizer.step();
  optimizer.zeroGrad();
  for (const group of optimizer.paramGroups) group.lr = (group.lr as number) * 0.5;
};

const scored = () =>
  chain(
    [6],
    new L.Dense({ units: 4, activation: "tanh", name: "hidden" }),
    new L.Dense({ units: 1, name: "head" }),
  );
const scoredPort = () =>
  net(
    { hidden: new nn.Linear(6, 4), head: new nn.Linear(4, 1) },
    (m, x) => m.head(m.hidden(x).tanh()),
  );
const values = {
  batch: (step: number, size: number) => ({
    inputs: Array.from({ length: 6 * size }, (_, i) => Math.sin(i + step)),
    labels: Float32Array.from({ length: size }, (_, i) => 3 * Math.cos(i * step)),
  }),
};
const squared = { ...values, kerasLoss: new keras.losses.MeanSquaredError() as never };

export const trainings: readonly PairCase[] = [
  right(
    "l2(0.01) against weight decay 0.02",
    decayed(0.01),
    plainPort,
    optimizers(sgd(), matrices(0.02)),
  ),
  wrong(
    "l2(0.01) against weight decay 0.01",
    /updates, update .*l2\(0.01\) has gradient 0.02 w; PyTorch's weight decay is 0.01/,
    decayed(0.01),
    plainPort,
    optimizers(sgd(), matrices(0.01)),
  ),
  wrong(
    "l2 against nothing",
    /updates, update/,
    decayed(0.01),
    plainPort,
    optimizers(sgd(), torchSgd()),
  ),
  wrong("weight decay on biases too", /updates, update/, decayed(0.5), plainPort, {
    ...optimizers(
      () => new keras.optimizers.SGD({ learningRate: 0.01 }),
      torchSgd({ weightDecay: 1 }),
    ),
    kerasModel: () => {
      const m = decayed(0.5)();
      for (const l of m.layers) {
        tf.tidy(() => l.setWeights(l.getWeights().map((w) => w.rank === 1 ? tf.ones(w.shape) : w)));
      }
      return m;
    },
  }),
  right("l2 in PyTorch's loss", decayed(0.01), () => {
    const model = plainPort();
    trained.add(model);
    return model;
  }, { ...optimizers(sgd(), torchSgd()), torchLoss: (o, t) => penalized(F.crossEntropy(o, t)) }),
  right(
    "momentum",
    plain,
    plainPort,
    optimizers(sgd({ momentum: 0.9 }), torchSgd({ momentum: 0.9 })),
  ),
  wrong(
    "another momentum",
    /SGD, updates, update .*momentum is 0.9 in Keras, momentum 0.8 in PyTorch/,
    plain,
    plainPort,
    optimizers(sgd({ momentum: 0.9 }), torchSgd({ momentum: 0.8 })),
  ),
  right(
    "Nesterov momentum",
    plain,
    plainPort,
    optimizers(sgd({ momentum: 0.9, nesterov: true }), torchSgd({ momentum: 0.9, nesterov: true })),
  ),
  wrong(
    "Nesterov in one only",
    /nesterov is true in Keras/,
    plain,
    plainPort,
    optimizers(sgd({ momentum: 0.9, nesterov: true }), torchSgd({ momentum: 0.9 })),
  ),
  wrong(
    "another learning rate",
    /learningRate is 0.01 in Keras, lr 0.001 in PyTorch/,
    plain,
    plainPort,
    optimizers(sgd(), torchSgd({ lr: 0.001 })),
  ),
  wrong(
    "momentum with a changing rate",
    /updates, update .*momentum is of steps/,
    plain,
    plainPort,
    optimizers(
      () =>
        new keras.optimizers.SGD({
          learningRate: new keras.optimizers.schedules.ExponentialDecay({
            initialLearningRate: 0.01,
            decaySteps: 1,
            decayRate: 0.5,
          }),
          momentum: 0.9,
        }),
      torchSgd({ momentum: 0.9 }),
      { torchStep: halvedByStep },
    ),
  ),
  right(
    "a schedule by step",
    plain,
    plainPort,
    optimizers(
      () =>
        new keras.optimizers.SGD({
          learningRate: new keras.optimizers.schedules.ExponentialDecay({
            initialLearningRate: 0.01,
            decaySteps: 1,
            decayRate: 0.5,
          }),
        }),
      torchSgd(),
      { torchStep: halvedByStep },
    ),
  ),
  wrong(
    "a schedule in Keras only",
    /updates, update/,
    plain,
    plainPort,
    optimizers(() =>
      new keras.optimizers.SGD({
        learningRate: new keras.optimizers.schedules.ExponentialDecay({
          initialLearningRate: 0.01,
          decaySteps: 1,
          decayRate: 0.5,
        }),
      }), torchSgd()),
  ),
  wrong(
    "Adam of both: epsilon-hat",
    /all 4 weights move differently: .*Keras adds epsilon before bias correction/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.Adam({ epsilon: 1e-3 }),
      (ps) => new optim.Adam(ps, { eps: 1e-3 }),
    ),
  ),
  wrong(
    "Adam, another beta",
    /beta1 is 0.9 in Keras, betas\[0\] 0.8 in PyTorch/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.Adam(),
      (ps) => new optim.Adam(ps, { betas: [0.8, 0.999] }),
    ),
  ),
  right(
    "Adam with no epsilon to speak of",
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.Adam({ learningRate: 1e-4, epsilon: 1e-14 }),
      (ps) => new optim.Adam(ps, { lr: 1e-4, eps: 1e-14 }),
    ),
  ),
  right(
    "AdamW",
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.AdamW({ learningRate: 1e-4, epsilon: 1e-14, weightDecay: 0.1 }),
      (ps) => new optim.AdamW(ps, { lr: 1e-4, eps: 1e-14, weightDecay: 0.1 }),
    ),
  ),
  wrong(
    "AdamW against Adam with weight decay",
    /updates, update .*weight decay/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.AdamW({ learningRate: 1e-4, epsilon: 1e-14, weightDecay: 0.1 }),
      (ps) => new optim.Adam(ps, { lr: 1e-4, eps: 1e-14, weightDecay: 0.1 }),
    ),
  ),
  wrong(
    "RMSprop of both: epsilon under the root",
    /Keras adds epsilon under the root, PyTorch to the root/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.RMSprop({ epsilon: 1e-4 }),
      (ps) => new optim.RMSprop(ps, { lr: 1e-3, alpha: 0.9, eps: 1e-4 }),
    ),
  ),
  wrong(
    "RMSprop, another rho",
    /rho is 0.9 in Keras, alpha 0.99 in PyTorch/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.RMSprop({ epsilon: 1e-14 }),
      (ps) => new optim.RMSprop(ps, { lr: 1e-3, eps: 1e-14 }),
    ),
  ),
  wrong(
    "Adagrad: where its sum starts",
    /starts its sum at 0.1/,
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.Adagrad({ learningRate: 0.01 }),
      (ps) => new optim.Adagrad(ps, { lr: 0.01 }),
    ),
  ),
  right(
    "Adagrad, started alike",
    plain,
    plainPort,
    optimizers(
      () => new keras.optimizers.Adagrad({ learningRate: 0.01, epsilon: 1e-14 }),
      (ps) => new optim.Adagrad(ps, { lr: 0.01, initialAccumulatorValue: 0.1, eps: 1e-14 }),
    ),
  ),
  right(
    "globalClipnorm against clip_grad_norm_",
    plain,
    plainPort,
    optimizers(sgd({ globalClipnorm: 0.1 }), torchSgd(), {
      torchStep: clip((ps) => nn.utils.clipGradNorm_(ps, 0.1)),
    }),
  ),
  wrong(
    "clipnorm against clip_grad_norm_",
    /updates, update .*clip_grad_norm_ is globalClipnorm/,
    plain,
    plainPort,
    optimizers(sgd({ clipnorm: 0.1 }), torchSgd(), {
      torchStep: clip((ps) => nn.utils.clipGradNorm_(ps, 0.1)),
    }),
  ),
  right(
    "gradient accumulation",
    plain,
    plainPort,
    optimizers(sgd({ gradientAccumulationSteps: 2 }), torchSgd(), { torchStep: accumulate }),
  ),
  wrong(
    "gradient accumulation in Keras only",
    /updates every 2 steps/,
    plain,
    plainPort,
    optimizers(sgd({ gradientAccumulationSteps: 2 }), torchSgd()),
  ),
  right("a layer frozen in both", frozenModel("hidden"), frozenPort("hidden")),
  wrong(
    "a layer frozen in Keras only",
    /hidden, kernel, weights frozen in Keras only/,
    frozenModel("hidden"),
    frozenPort(""),
  ),
  wrong(
    "a layer frozen in PyTorch only",
    /head, kernel, weights frozen in PyTorch only/,
    frozenModel(""),
    frozenPort("head"),
  ),
  right("frozen batch norm evaluates, as in Keras 3", bn(true), () => bnPort(true, true)),
  wrong(
    "frozen batch norm that counts on",
    /bn, output, training/,
    bn(true),
    () => bnPort(true, false),
  ),
  wrong(
    "batch norm that evaluates in PyTorch only",
    /bn, output, training/,
    bn(false),
    () => bnPort(false, true),
  ),
  wrong(
    "relu for relu6",
    /re_lu\w*|act, output, large/,
    active(() => new L.ReLU({ maxValue: 6, name: "act" })),
    activePort((x) => x.relu()),
  ),
  right(
    "relu6",
    active(() => new L.ReLU({ maxValue: 6, name: "act" })),
    activePort((x) => F.relu6(x)),
  ),
  wrong("hard-swish for silu", /act, output/, act("silu"), activePort((x) => F.hardswish(x))),
  wrong("a clamp too many", /output, large/, act("relu"), activePort((x) => x.relu().clamp(0, 4))),
  wrong(
    "gelu by tanh",
    /act, output/,
    act("gelu"),
    activePort((x) => F.gelu(x, { approximate: "tanh" })),
  ),
  right("gelu", act("gelu"), activePort((x) => F.gelu(x))),
  wrong(
    "leaky relu's slope",
    /act, output/,
    active(() => new L.LeakyReLU({ negativeSlope: 0.3, name: "act" })),
    activePort((x) => F.leakyRelu(x, 0.01)),
  ),
  right("a regression", scored, scoredPort, {
    ...squared,
    torchLoss: (o, t) => F.mseLoss(o, t.reshape(-1, 1)),
  }),
  wrong("a regression, summed instead of averaged", /loss, output, training/, scored, scoredPort, {
    ...squared,
    torchLoss: (o, t) => F.mseLoss(o, t.reshape(-1, 1), { reduction: "sum" }),
  }),
  right("Huber loss", scored, scoredPort, {
    ...values,
    kerasLoss: new keras.losses.Huber() as never,
    torchLoss: (o, t) => F.huberLoss(o, t.reshape(-1, 1)),
  }),
  wrong("Huber against smooth L1 with another beta", /loss, output, training/, scored, scoredPort, {
    ...values,
    kerasLoss: new keras.losses.Huber() as never,
    torchLoss: (o, t) => F.smoothL1Loss(o, t.reshape(-1, 1), { beta: 0.5 }),
  }),
];

const trained = new Set<torch.nn.Module>();

function penalized(loss: torch.Tensor): torch.Tensor {
  const [model] = [...trained].slice(-1);
  return model.parameters().filter(({ ndim }) => ndim > 1)
    .reduce((sum: torch.Tensor, p) => sum.add(p.mul(p).sum().mul(0.01)), loss);
}
