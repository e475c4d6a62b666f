/**
 * Models as classes: a variational autoencoder of an encoder, a sampling layer and a decoder, each a layer with layers in it.
 *
 *   deno run -P keras_style/examples/subclassed_model.ts --dataset mnist --limit 10000
 *
 * Source of the program: https://keras.io/guides/making_new_layers_and_models_via_subclassing/ (the end-to-end example)
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, ops } = keras;

/** A vector around the mean, as far off as the logarithm of the variance says. */
export class Sampling extends layers.Layer {
  override call([mean, logVar]: [tf.Tensor, tf.Tensor]): tf.Tensor {
    const epsilon = this.draw(mean.shape);
    return ops.add(mean, ops.multiply(ops.exp(ops.multiply(logVar, 0.5)), epsilon));
  }

  /** What is drawn; to be overridden where it should not be random. */
  draw(shape: readonly number[]): tf.Tensor {
    return keras.random.normal(shape);
  }
}

/** Images to mean, logarithm of the variance, and a sample of them. */
export class Encoder extends layers.Layer {
  readonly denseProj: keras.layers.Dense;
  readonly denseMean: keras.layers.Dense;
  readonly denseLogVar: keras.layers.Dense;

  constructor(latentDim: number, intermediateDim: number, readonly sampling: Sampling) {
    super({ name: "encoder" });
    this.denseProj = new layers.Dense({ units: intermediateDim, activation: "relu" });
    this.denseMean = new layers.Dense({ units: latentDim });
    this.denseLogVar = new layers.Dense({ units: latentDim });
  }

  override call(inputs: tf.Tensor): [mean: tf.Tensor, logVar: tf.Tensor, z: tf.Tensor] {
    const x = this.denseProj(inputs);
    const [mean, logVar] = [this.denseMean(x), this.denseLogVar(x)];
    return [mean, logVar, this.sampling([mean, logVar])];
  }
}

/** Samples back to images. */
export class Decoder extends layers.Layer {
  readonly denseProj: keras.layers.Dense;
  readonly denseOutput: keras.layers.Dense;

  constructor(originalDim: number, intermediateDim: number) {
    super({ name: "decoder" });
    this.denseProj = new layers.Dense({ units: intermediateDim, activation: "relu" });
    this.denseOutput = new layers.Dense({ units: originalDim, activation: "sigmoid" });
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return this.denseOutput(this.denseProj(inputs));
  }
}

/** Both, with a loss that keeps codes near a normal distribution. */
export class VariationalAutoEncoder extends keras.Model {
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  constructor(
    originalDim: number,
    { intermediateDim = 64, latentDim = 16, sampling = new Sampling() } = {},
  ) {
    super({ name: "autoencoder" });
    this.encoder = new Encoder(latentDim, intermediateDim, sampling);
    this.decoder = new Decoder(originalDim, intermediateDim);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const [mean, logVar, z] = this.encoder(inputs) as unknown as tf.Tensor[];
    const spread = ops.subtract(ops.subtract(logVar, ops.square(mean)), ops.exp(logVar));
    this.addLoss(ops.multiply(ops.mean(ops.add(spread, 1)), -0.5));
    return this.decoder(z);
  }
}

/** As the program compiles it. */
export function compileVae(vae: VariationalAutoEncoder): VariationalAutoEncoder {
  vae.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 1e-3 }),
    loss: new keras.losses.MeanSquaredError(),
  });
  return vae;
}

/** Trains. @returns the loss of every epoch */
export async function main(print = console.log, flags: Flags = {}): Promise<number[]> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train } = await loadImages({ limit: 1000, ...flags });
  const size = train.imageShape.reduce((product, side) => product * side, 1);
  const flat = { ...keras.imagesOf(train)[0], shape: [train.count, size] };
  const vae = compileVae(new VariationalAutoEncoder(size));
  const { history } = await vae.fit(flat, flat, { epochs, batchSize: 64, verbose: 0 });
  vae.summary({ printFn: print });
  history.loss.forEach((loss, i) => print(`epoch ${i + 1}: loss ${loss.toFixed(4)}`));
  const made = vae.decoder(keras.random.normal([3, 16]));
  print(`three images of nothing: [${made.shape}]`);
  return history.loss;
}

if (import.meta.main) await main(console.log, readFlags());
