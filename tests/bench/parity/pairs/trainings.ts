/** What trains: penalties, frozen layers, optimizers, schedules; and activations that fresh weights hide. */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { F, L, nn, optim, type PairCase, right, wrong } from "./pair_case.ts";

import {
  accumulate,
  act,
  active,
  activePort,
  bn,
  bnPort,
  clip,
  decayed,
  frozenModel,
  frozenPort,
  halvedByStep,
  matrices,
  optimizers,
  penalized,
  plain,
  plainPort,
  scored,
  scoredPort,
  sgd,
  squared,
  torchSgd,
  trained,
  values,
} from "./training_models.ts";

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
    /act, function, training/,
    active(() => new L.ReLU({ maxValue: 6, name: "act" })),
    activePort((x) => x.relu()),
  ),
  right(
    "relu6",
    active(() => new L.ReLU({ maxValue: 6, name: "act" })),
    activePort((x) => F.relu6(x)),
  ),
  wrong("hard-swish for silu", /act, output/, act("silu"), activePort((x) => F.hardswish(x))),
  wrong(
    "a clamp too many",
    /act, function, training/,
    act("relu"),
    activePort((x) => x.relu().clamp(0, 4)),
  ),
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
