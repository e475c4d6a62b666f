/**
 * Layers of one's own: weights that wait for the input's shape, layers within layers, losses, `training`; and how they are
 * saved and loaded.
 *
 *   deno run -P keras_style/examples/own_layers.ts
 *
 * Source of the program: https://keras.io/guides/making_new_layers_and_models_via_subclassing/ and
 * https://keras.io/guides/serialization_and_saving/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { layers, ops } = keras;

/** Options of {@linkcode Linear}. */
export interface LinearOptions extends keras.layers.LayerOptions {
  readonly units?: number;
}

/** y = x w + b; the weights are made when the input's size is known. */
export class Linear extends layers.Layer {
  readonly units: number;
  w!: keras.layers.Weight;
  b!: keras.layers.Weight;

  constructor({ units = 32, ...rest }: LinearOptions = {}) {
    super(rest);
    this.units = units;
  }

  override build(inputShape: readonly (number | null)[]): void {
    this.w = this.addWeight({
      name: "w",
      shape: [inputShape.at(-1)!, this.units],
      initializer: "randomNormal",
    });
    this.b = this.addWeight({ name: "b", shape: [this.units], initializer: "zeros" });
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return ops.add(ops.matmul(inputs, this.w), this.b);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}

/** Sums what it has seen, in a weight that training leaves alone. */
export class ComputeSum extends layers.Layer {
  readonly total: keras.layers.Weight;

  constructor(inputDim: number) {
    super();
    this.total = this.addWeight({ shape: [inputDim], initializer: "zeros", trainable: false });
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    this.total.assign(ops.add(this.total, ops.sum(inputs, { axis: 0 })));
    return this.total;
  }
}

/** Three layers within a layer, the first with a penalty of its activity. */
export class MLPBlock extends layers.Layer {
  readonly linear1 = new Linear({ units: 16 });
  readonly linear2 = new Linear({ units: 16 });
  readonly linear3 = new Linear({ units: 1 });

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = ops.relu(this.linear1(inputs));
    this.addLoss(ops.multiply(ops.mean(ops.square(x)), 1e-3));
    return this.linear3(ops.relu(this.linear2(x)));
  }
}

/** Options of {@linkcode CustomDropout}. */
export interface CustomDropoutOptions extends keras.layers.LayerOptions {
  readonly rate: number;
}

/** Drops while training, and only then. */
export class CustomDropout extends layers.Layer {
  readonly rate: number;
  readonly seedGenerator = new keras.random.SeedGenerator({ seed: 1337 });

  constructor({ rate, ...rest }: CustomDropoutOptions) {
    super(rest);
    this.rate = rate;
  }

  override call(inputs: tf.Tensor, { training }: keras.layers.CallOptions = {}): tf.Tensor {
    if (!training) return inputs;
    return keras.random.dropout(inputs, this.rate, { seed: this.seedGenerator });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate };
  }
}

keras.utils.registerKerasSerializable(Linear, { package: "own_layers" });
keras.utils.registerKerasSerializable(CustomDropout, { package: "own_layers" });

/** A function of one's own is saved by its name as well. */
export function squaredRelu(x: tf.Tensor): tf.Tensor {
  return ops.square(ops.relu(x));
}
keras.utils.registerKerasSerializable(squaredRelu, { package: "own_layers" });

/** A model of these layers between others. */
export function model(rate = 0.2): keras.Model {
  const inputs = keras.Input({ shape: [8] });
  const hidden = new layers.Activation({ activation: squaredRelu })(
    new Linear({ units: 16 })(inputs),
  );
  const outputs = new Linear({ units: 1 })(new CustomDropout({ rate })(hidden));
  const made = new keras.Model({ inputs, outputs });
  made.compile({ optimizer: new keras.optimizers.Adam({ learningRate: 0.01 }), loss: "mse" });
  return made;
}

/** Prints what the layers do, trains, saves and loads. @returns how far loaded predictions are off */
export async function main(print = console.log): Promise<number> {
  keras.setRandomSeed(1);
  const sum = new ComputeSum(2);
  const x = ops.ones([2, 2]);
  print("sums:", [...await sum(x).data()].join(), "then", [...await sum(x).data()].join());
  print(`${sum.weights.length} weight, ${sum.trainableWeights.length} of them trained`);

  const block = new MLPBlock();
  block(ops.ones([3, 8]));
  print(`${block.weights.length} weights, ${block.losses.length} loss of its own`);

  const dropout = new CustomDropout({ rate: 0.5 });
  const dropped = await dropout(ops.ones([1000]), { training: true }).data();
  print(`dropped while training: ${dropped.filter((value) => value === 0).length > 400}`);
  print(`and otherwise: ${(await dropout(ops.ones([1000])).data()).includes(0)}`);

  const samples = keras.random.normal([128, 8], { seed: 1 });
  const labels = ops.mean(samples, { axis: 1, keepdims: true });
  const trained = model();
  const { history } = await trained.fit(samples, labels, { epochs: 5, verbose: 0 });
  print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);

  const copied = Linear.fromConfig(new Linear({ units: 64, name: "wide" }).getConfig()) as Linear;
  print(`from a configuration: ${copied.name} of ${copied.units} units`);
  const folder = await Deno.makeTempDir();
  try {
    await trained.save(`${folder}/model.safetensors`);
    const loaded = await keras.loadModel(`${folder}/model.safetensors`);
    const [before, after] = await Promise.all(
      [trained, loaded].map((one) => one.predict(samples, { verbose: 0 })),
    );
    const [difference] = await ops.max(ops.abs(ops.subtract(before, after))).data();
    print(`the loaded model predicts the same: ${difference === 0}`);
    return difference;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
