/**
 * A small Vision Transformer: patches with learned positions, blocks of attention and dense layers, augmentation in the
 * model.
 *
 *   deno run -P keras_style/examples/vit.ts --dataset cifar10 --limit 5000 --epochs 20
 *
 * Source of the program: https://keras.io/examples/vision/image_classification_with_vision_transformer/ ; of the network:
 * Dosovitskiy et al., "An Image is Worth 16x16 Words" (2020)
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";
import { Patches } from "./mlp_mixer.ts";

const { layers, ops } = keras;

/** Sizes of the network. */
export const SIZES = {
  imageSize: 32,
  patchSize: 8,
  projectionDim: 32,
  numHeads: 4,
  transformerLayers: 2,
  mlpHeadUnits: [64, 32],
  /** Share that is dropped within blocks, and before the output. */
  dropout: [0.1, 0.2] as readonly [number, number],
  classes: 10,
  /** Factors of random rotation and zoom; null leaves images as they are. */
  augmentation: 0.02 as number | null,
};

/** Projects patches, and adds what is learned of each position. */
export class PatchEncoder extends layers.Layer {
  readonly projection: keras.layers.Dense;
  readonly positionEmbedding: keras.layers.Embedding;

  constructor(readonly numPatches: number, projectionDim: number) {
    super();
    this.projection = new layers.Dense({ units: projectionDim });
    this.positionEmbedding = new layers.Embedding({
      inputDim: numPatches,
      outputDim: projectionDim,
    });
  }

  override call(patches: tf.Tensor): tf.Tensor {
    const positions = ops.expandDims(ops.arange(this.numPatches), 0);
    return ops.add(this.projection(patches), this.positionEmbedding(positions));
  }
}

function mlp(x: keras.KerasTensor, hiddenUnits: readonly number[], dropoutRate: number) {
  return hiddenUnits.reduce((hidden, units) => {
    const dense = new layers.Dense({ units, activation: "gelu" })(hidden);
    return new layers.Dropout({ rate: dropoutRate })(dense);
  }, x);
}

/** A classifier whose output is logits. */
export function vit(sizes: Partial<typeof SIZES> = {}): keras.Model {
  const own = { ...SIZES, ...sizes };
  const inputs = keras.Input({ shape: [own.imageSize, own.imageSize, 3] });
  const images = own.augmentation === null ? inputs : new keras.Sequential([
    new layers.RandomFlip({ mode: "horizontal" }),
    new layers.RandomRotation({ factor: own.augmentation }),
    new layers.RandomZoom({ heightFactor: own.augmentation, widthFactor: own.augmentation }),
  ], { name: "augmentation" })(inputs);

  const patches = new Patches(own.patchSize)(images);
  let encoded = new PatchEncoder((own.imageSize / own.patchSize) ** 2, own.projectionDim)(patches);
  for (let i = 0; i < own.transformerLayers; i++) {
    const x1 = new layers.LayerNormalization({ epsilon: 1e-6 })(encoded);
    const attention = new layers.MultiHeadAttention({
      numHeads: own.numHeads,
      keyDim: own.projectionDim,
      dropout: own.dropout[0],
    })(x1, x1);
    const x2 = new layers.Add()([attention, encoded]);
    const x3 = new layers.LayerNormalization({ epsilon: 1e-6 })(x2);
    encoded = new layers.Add()([
      mlp(x3, [own.projectionDim * 2, own.projectionDim], own.dropout[0]),
      x2,
    ]);
  }
  const representation = new layers.LayerNormalization({ epsilon: 1e-6 })(encoded);
  const flat = new layers.Dropout({ rate: own.dropout[1] })(new layers.Flatten()(representation));
  const features = mlp(flat, own.mlpHeadUnits, own.dropout[1]);
  return new keras.Model({ inputs, outputs: new layers.Dense({ units: own.classes })(features) });
}

/** As the program compiles it. */
export function compileVit(model: keras.Model, learningRate = 0.001): keras.Model {
  model.compile({
    optimizer: new keras.optimizers.AdamW({ learningRate, weightDecay: 0.0001 }),
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: [
      new keras.metrics.SparseCategoricalAccuracy({ name: "accuracy" }),
      new keras.metrics.SparseTopKCategoricalAccuracy({ k: 5, name: "top-5-accuracy" }),
    ],
  });
  return model;
}

/** Trains, keeping the best weights. @returns accuracy and top-5 accuracy on test images */
export async function main(print = console.log, flags: Flags = {}): Promise<number[]> {
  const { epochs = 6 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 600, ...flags });
  const folder = await Deno.makeTempDir();
  try {
    const model = compileVit(vit(), 0.003);
    const filepath = `${folder}/best.safetensors`;
    const { history } = await model.fit(...keras.imagesOf(train), {
      batchSize: 32,
      epochs,
      validationSplit: 0.1,
      verbose: 0,
      callbacks: [
        new keras.callbacks.ModelCheckpoint({
          filepath,
          monitor: "val_accuracy",
          saveBestOnly: true,
          saveWeightsOnly: true,
        }),
      ],
    });
    print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
    await model.loadWeights(filepath);
    const [, accuracy, topFive] = await model.evaluate(...keras.imagesOf(test), { verbose: 0 });
    print(`test accuracy ${accuracy.toFixed(4)}, among the first five ${topFive.toFixed(4)}`);
    return [accuracy, topFive];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main(console.log, readFlags());
