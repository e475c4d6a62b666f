/**
 * ResNet-20 for small images, with a falling learning rate and moved and flipped images.
 *
 *   deno run -P keras_style/examples/cifar_resnet.ts --dataset cifar10 --limit 5000 --epochs 20
 *
 * Source of the program: https://github.com/keras-team/keras/blob/2.15/examples (cifar10_resnet.py of earlier Keras); of the
 * network: He et al., "Deep Residual Learning for Image Recognition" (2015)
 * @module
 */
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers } = keras;

/** A convolution with batch normalization, and a relu unless it is the last of a block. */
function resnetLayer(
  inputs: keras.KerasTensor,
  { filters = 16, kernelSize = 3, strides = 1, relu = true, normalize = true } = {},
): keras.KerasTensor {
  let x = new layers.Conv2D({
    filters,
    kernelSize,
    strides,
    padding: "same",
    kernelInitializer: "heNormal",
    kernelRegularizer: new keras.regularizers.L2({ l2: 1e-4 }),
  })(inputs);
  if (normalize) x = new layers.BatchNormalization()(x);
  return relu ? new layers.Activation({ activation: "relu" })(x) : x;
}

/** Version 1 of the network, of 6 n + 2 layers: 20 with n = 3. */
export function resnet(
  { depth = 20, filters = 16, imageSize = 32, classes = 10 } = {},
): keras.Model {
  if ((depth - 2) % 6 !== 0) throw new RangeError(`depth is ${depth}, expected 6n + 2`);
  const blocks = (depth - 2) / 6;
  const inputs = keras.Input({ shape: [imageSize, imageSize, 3] });
  let x = resnetLayer(inputs, { filters });
  for (let stack = 0; stack < 3; stack++) {
    for (let block = 0; block < blocks; block++) {
      const strides = stack > 0 && block === 0 ? 2 : 1;
      const width = filters * 2 ** stack;
      const y = resnetLayer(resnetLayer(x, { filters: width, strides }), {
        filters: width,
        relu: false,
      });
      // The shortcut gets the block's size where that changed.
      const shortcut = strides === 1 ? x : resnetLayer(x, {
        filters: width,
        kernelSize: 1,
        strides,
        relu: false,
        normalize: false,
      });
      x = new layers.Activation({ activation: "relu" })(layers.add([shortcut, y]));
    }
  }
  const pooled = new layers.GlobalAveragePooling2D()(x);
  const outputs = new layers.Dense({
    units: classes,
    activation: "softmax",
    kernelInitializer: "heNormal",
  })(pooled);
  const model = new keras.Model({ inputs, outputs, name: `ResNet${depth}v1` });
  model.compile({
    loss: "sparseCategoricalCrossentropy",
    optimizer: new keras.optimizers.Adam({ learningRate: learningRate(0) }),
    metrics: ["accuracy"],
  });
  return model;
}

/** 0.001, less after 80, 120, 160 and 180 epochs. */
export function learningRate(epoch: number): number {
  const factors: [after: number, factor: number][] = [[180, 0.5e-3], [160, 1e-3], [120, 1e-2], [
    80,
    1e-1,
  ]];
  return 1e-3 * (factors.find(([after]) => epoch > after)?.[1] ?? 1);
}

/** Trains. @returns the loss of every epoch */
export async function main(
  print = console.log,
  { depth = 8, ...flags }: Flags & { readonly depth?: number } = {},
): Promise<number[]> {
  const { epochs = 3 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 300, ...flags });
  const augmentation = new keras.Sequential([
    new layers.RandomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: "nearest" }),
    new layers.RandomFlip({ mode: "horizontal" }),
  ]);
  const batches = keras.data.Dataset.fromTensorSlices(keras.imagesOf(train))
    .shuffle(train.count).batch(32)
    .map((images, labels) => [augmentation(images, { training: true }), labels]);
  const model = resnet({ depth });
  print(`${model.name}: ${model.countParams()} parameters`);
  const { history } = await model.fit(batches, {
    epochs,
    verbose: 0,
    validationData: keras.imagesOf(test),
    callbacks: [
      new keras.callbacks.LearningRateScheduler((epoch) => learningRate(epoch)),
      new keras.callbacks.ReduceLROnPlateau({
        factor: Math.sqrt(0.1),
        cooldown: 0,
        patience: 5,
        minLr: 0.5e-6,
      }),
    ],
  });
  history.loss.forEach((loss, i) =>
    print(
      `epoch ${i + 1}: loss ${loss.toFixed(4)}, val_accuracy ${history.val_accuracy[i].toFixed(4)}`,
    )
  );
  return history.loss;
}

if (import.meta.main) await main(console.log, readFlags());
