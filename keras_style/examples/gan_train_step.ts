/**
 * A generative adversarial network trained by `fit`: a model of two models whose `trainStep` is its own.
 *
 *   deno run -P keras_style/examples/gan_train_step.ts --dataset mnist --limit 5000 --epochs 10
 *
 * Source of the program: https://keras.io/examples/generative/dcgan_overriding_train_step/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, losses, metrics, ops, optimizers } = keras;

/** Sizes of both networks; image sides are divisible by 4. */
export const SIZES = { imageSize: 32, channels: 3, latentDim: 16, filters: 8, dropout: 0.2 };

/** Tells real images from others: one value, 1 for what is not real. */
export function makeDiscriminator(sizes: Partial<typeof SIZES> = {}): keras.Sequential {
  const { imageSize, channels, filters, dropout } = { ...SIZES, ...sizes };
  const conv = (count: number) => [
    new layers.Conv2D({ filters: count, kernelSize: 4, strides: 2, padding: "same" }),
    new layers.LeakyReLU({ negativeSlope: 0.2 }),
  ];
  return new keras.Sequential([
    keras.Input({ shape: [imageSize, imageSize, channels] }),
    ...conv(filters),
    ...conv(filters * 2),
    new layers.Flatten(),
    new layers.Dropout({ rate: dropout }),
    new layers.Dense({ units: 1, activation: "sigmoid" }),
  ], { name: "discriminator" });
}

/** Makes images of random vectors. */
export function makeGenerator(sizes: Partial<typeof SIZES> = {}): keras.Sequential {
  const { imageSize, channels, latentDim, filters } = { ...SIZES, ...sizes };
  const side = imageSize / 4;
  const grow = (count: number) => [
    new layers.Conv2DTranspose({ filters: count, kernelSize: 4, strides: 2, padding: "same" }),
    new layers.LeakyReLU({ negativeSlope: 0.2 }),
  ];
  return new keras.Sequential([
    keras.Input({ shape: [latentDim] }),
    new layers.Dense({ units: side * side * filters }),
    new layers.Reshape({ targetShape: [side, side, filters] }),
    ...grow(filters * 2),
    ...grow(filters * 4),
    new layers.Conv2D({ filters: channels, kernelSize: 5, padding: "same", activation: "sigmoid" }),
  ], { name: "generator" });
}

/** Trains the discriminator on mixed images, then the generator to deceive it. */
export class GAN extends keras.Model {
  dOptimizer!: keras.Optimizer;
  gOptimizer!: keras.Optimizer;
  lossFn!: keras.Loss;
  readonly dLossMetric = new metrics.Mean({ name: "d_loss" });
  readonly gLossMetric = new metrics.Mean({ name: "g_loss" });

  constructor(
    readonly discriminator: keras.Sequential,
    readonly generator: keras.Sequential,
    readonly latentDim: number,
  ) {
    super();
  }

  /** As `compile` of a plain model, for two optimizers. */
  compileBoth(dOptimizer: keras.Optimizer, gOptimizer: keras.Optimizer, lossFn: keras.Loss): void {
    this.compile();
    this.dOptimizer = dOptimizer;
    this.gOptimizer = gOptimizer;
    this.lossFn = lossFn;
  }

  override get metrics(): keras.Metric[] {
    return [this.dLossMetric, this.gLossMetric];
  }

  /** Random vectors, and what disturbs the discriminator's labels. */
  draw(batchSize: number): [latent: tf.Tensor, noise: tf.Tensor] {
    const latent = keras.random.normal([batchSize, this.latentDim]);
    return [latent, keras.random.uniform([2 * batchSize, 1])];
  }

  override trainStep([realImages]: tf.Tensor[]): Record<string, tf.Tensor> {
    const batchSize = realImages.shape[0];
    const [latent, noise] = this.draw(batchSize);
    const combined = ops.concatenate([this.generator(latent), realImages], { axis: 0 });
    const labels = ops.concatenate([ops.ones([batchSize, 1]), ops.zeros([batchSize, 1])], {
      axis: 0,
    });
    const noisy = ops.add(labels, ops.multiply(noise, 0.05));
    const dLoss = this.#minimize(
      this.dOptimizer,
      this.discriminator,
      () => this.lossFn(noisy, this.discriminator(combined, { training: true })),
    );
    // What the generator wants to hear of its images.
    const misleading = ops.zeros([batchSize, 1]);
    const gLoss = this.#minimize(
      this.gOptimizer,
      this.generator,
      () => this.lossFn(misleading, this.discriminator(this.generator(latent))),
    );
    this.dLossMetric.updateState(dLoss);
    this.gLossMetric.updateState(gLoss);
    return { d_loss: this.dLossMetric.result(), g_loss: this.gLossMetric.result() };
  }

  #minimize(optimizer: keras.Optimizer, model: keras.Model, lossOf: () => tf.Tensor): tf.Tensor {
    using tape = new keras.GradientTape();
    const loss = lossOf();
    const weights = model.trainableWeights;
    optimizer.apply(tape.gradient(loss, weights), weights);
    return loss;
  }
}

/** As the program compiles it. */
export function makeGan(sizes: Partial<typeof SIZES> = {}, Class = GAN): GAN {
  const { latentDim } = { ...SIZES, ...sizes };
  const gan = new Class(makeDiscriminator(sizes), makeGenerator(sizes), latentDim);
  gan.compileBoth(
    new optimizers.Adam({ learningRate: 0.0001 }),
    new optimizers.Adam({ learningRate: 0.0001 }),
    new losses.BinaryCrossentropy(),
  );
  return gan;
}

/** What happens at the end of an epoch: images are made, and described. */
class Monitor extends keras.callbacks.Callback {
  constructor(readonly latentDim: number, readonly print: (text: string) => void) {
    super();
  }

  override async onEpochEnd(epoch: number, logs: keras.callbacks.Logs = {}): Promise<void> {
    const images = (this.model as unknown as GAN).generator(
      keras.random.normal([3, this.latentDim]),
    );
    const [mean] = await ops.mean(images).data();
    images.dispose();
    this.print(
      `epoch ${epoch + 1}: d_loss ${logs.d_loss.toFixed(4)}, g_loss ${logs.g_loss.toFixed(4)}, ` +
        `images of mean ${mean.toFixed(3)}`,
    );
  }
}

/** Trains. @returns losses of every epoch */
export async function main(
  print: (text: string) => void = console.log,
  flags: Flags = {},
): Promise<Record<string, number[]>> {
  const { epochs = 3 } = flags;
  keras.setRandomSeed(1);
  const { train } = await loadImages({ limit: 200, ...flags });
  const [imageSize, , channels] = train.imageShape;
  const gan = makeGan({ imageSize, channels });
  const [images] = keras.imagesOf(train);
  const { history } = await gan.fit(images, null, {
    epochs,
    batchSize: 32,
    verbose: 0,
    callbacks: [new Monitor(gan.latentDim, print)],
  });
  return history;
}

if (import.meta.main) await main(console.log, readFlags());
