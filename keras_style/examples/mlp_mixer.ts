/**
 * MLP-Mixer: dense layers across patches and across channels by turns, no convolution and no attention.
 *
 *   deno run -P keras_style/examples/mlp_mixer.ts --dataset cifar10 --limit 5000 --epochs 20
 *
 * Source of the program: https://keras.io/examples/vision/mlp_image_classification/ ; of the network:
 * Tolstikhin et al., "MLP-Mixer: An all-MLP Architecture for Vision" (2021)
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, ops } = keras;

/** Images [n, h, w, c] to patches [n, patches, size · size · c]. */
export class Patches extends layers.Layer {
  constructor(readonly patchSize: number) {
    super();
  }

  override call(images: tf.Tensor): tf.Tensor {
    const patches = ops.image.extractPatches(images, this.patchSize);
    const [batch, rows, columns, values] = patches.shape;
    return ops.reshape(patches, [batch, rows * columns, values]);
  }
}

/** Mixes patches, then channels, each with what came in added. */
export class MLPMixerLayer extends layers.Layer {
  readonly mlpPatches: keras.Sequential;
  readonly mlpChannels: keras.Sequential;
  readonly normalize = new layers.LayerNormalization({ epsilon: 1e-6 });

  constructor(patches: number, hiddenUnits: number, dropoutRate: number) {
    super();
    const mlp = (units: number) =>
      new keras.Sequential([
        new layers.Dense({ units: hiddenUnits, activation: "gelu" }),
        new layers.Dense({ units }),
        new layers.Dropout({ rate: dropoutRate }),
      ]);
    this.mlpPatches = mlp(patches);
    this.mlpChannels = mlp(hiddenUnits);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const byChannel = ops.transpose(this.normalize(inputs), { axes: [0, 2, 1] });
    const mixed = ops.transpose(this.mlpPatches(byChannel), { axes: [0, 2, 1] });
    const x = ops.add(mixed, inputs);
    return ops.add(x, this.mlpChannels(this.normalize(x)));
  }
}

/** Sizes of the network. */
export const SIZES = {
  imageSize: 32,
  patchSize: 8,
  embeddingDim: 32,
  blocks: 2,
  dropout: 0.1,
  classes: 10,
};

/** A classifier whose output is logits. */
export function mixer(sizes: Partial<typeof SIZES> = {}): keras.Model {
  const { imageSize, patchSize, embeddingDim, blocks, dropout, classes } = { ...SIZES, ...sizes };
  const patches = (imageSize / patchSize) ** 2;
  const inputs = keras.Input({ shape: [imageSize, imageSize, 3] });
  let x = new Patches(patchSize)(inputs);
  x = new layers.Dense({ units: embeddingDim })(x);
  for (let i = 0; i < blocks; i++) x = new MLPMixerLayer(patches, embeddingDim, dropout)(x);
  const representation = new layers.GlobalAveragePooling1D()(x);
  const kept = new layers.Dropout({ rate: dropout })(representation);
  const model = new keras.Model({ inputs, outputs: new layers.Dense({ units: classes })(kept) });
  model.compile({
    optimizer: new keras.optimizers.AdamW({ learningRate: 0.005, weightDecay: 0.0001 }),
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: [
      new keras.metrics.SparseCategoricalAccuracy({ name: "acc" }),
      new keras.metrics.SparseTopKCategoricalAccuracy({ k: 5, name: "top5-acc" }),
    ],
  });
  return model;
}

/** Trains. @returns accuracy and top-5 accuracy on test images */
export async function main(print = console.log, flags: Flags = {}): Promise<number[]> {
  const { epochs = 6 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 600, ...flags });
  const model = mixer();
  const { history } = await model.fit(...keras.imagesOf(train), {
    batchSize: 32,
    epochs,
    validationSplit: 0.1,
    verbose: 0,
    callbacks: [
      new keras.callbacks.ReduceLROnPlateau({ monitor: "val_loss", factor: 0.5, patience: 5 }),
      new keras.callbacks.EarlyStopping({
        monitor: "val_loss",
        patience: 10,
        restoreBestWeights: true,
      }),
    ],
  });
  print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
  const [, accuracy, topFive] = await model.evaluate(...keras.imagesOf(test), { verbose: 0 });
  print(`test accuracy ${accuracy.toFixed(4)}, among the first five ${topFive.toFixed(4)}`);
  return [accuracy, topFive];
}

if (import.meta.main) await main(console.log, readFlags());
