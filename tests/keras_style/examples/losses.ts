/** The examples' losses of the first steps are Keras', from the same weights (tests/golden/keras_examples.py). */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { keras } from "@tandem/tandem";
import * as builtInMethods from "../../../keras_style/examples/built_in_methods.ts";
import * as cifarCnn from "../../../keras_style/examples/cifar_cnn.ts";
import * as cifarResnet from "../../../keras_style/examples/cifar_resnet.ts";
import * as convmixer from "../../../keras_style/examples/convmixer.ts";
import * as distillation from "../../../keras_style/examples/distillation.ts";
import * as functionalApi from "../../../keras_style/examples/functional_api.ts";
import * as gan from "../../../keras_style/examples/gan_train_step.ts";
import * as imageClassification from "../../../keras_style/examples/image_classification.ts";
import * as mixup from "../../../keras_style/examples/mixup.ts";
import * as mlpMixer from "../../../keras_style/examples/mlp_mixer.ts";
import * as mnist from "../../../keras_style/examples/mnist_convnet.ts";
import * as ownCallbacks from "../../../keras_style/examples/own_callbacks.ts";
import * as ownLayers from "../../../keras_style/examples/own_layers.ts";
import * as subclassed from "../../../keras_style/examples/subclassed_model.ts";
import * as trainingLoop from "../../../keras_style/examples/training_loop.ts";
import * as transfer from "../../../keras_style/examples/transfer_learning.ts";
import * as vit from "../../../keras_style/examples/vit.ts";
import golden from "../../golden/keras_examples.json" with { type: "json" };

const STEPS = 5;

/** Values from -0.5 to 0.5 that only look random. */
function noise(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x) - 0.5;
  });
}

function data(seed: number, shape: number[], { scale = 2, offset = 0 } = {}): tf.Tensor {
  const values = noise(tf.util.sizeFromShape(shape), seed).map((value) => scale * value + offset);
  return tf.tensor(Float32Array.from(values), shape);
}

const images = (step: number, shape: number[], scale = 1) =>
  data(1000 + step, shape, { scale, offset: scale / 2 });

function labels(step: number, count: number, classes = 10): tf.Tensor {
  return tf.tensor1d(Array.from({ length: count }, (_, i) => (7 * i + step) % classes), "int32");
}

const floatLabels = (step: number, count: number, classes = 10) =>
  tf.cast(labels(step, count, classes), "float32");

const oneHot = (step: number, count: number, classes = 10) =>
  tf.cast(tf.oneHot(labels(step, count, classes) as tf.Tensor1D, classes), "float32");

/** Gives the weights that are trained the script's values. */
function fill<M extends keras.Model>(model: M, seed = 0): M {
  model.trainableVariables.forEach((weight, k) => {
    const { shape, size } = weight;
    const bound = 2 * Math.sqrt(3 / (size / shape.at(-1)!));
    const one = /gamma(_\d+)?$/.test(weight.name) ? 1 : 0;
    const values = noise(size, seed + k + 1).map((value) =>
      shape.length > 1 ? value * bound : value * 0.2 + one
    );
    weight.assign(tf.tensor(Float32Array.from(values), shape));
  });
  return model;
}

type Batch = readonly [
  x: Parameters<keras.Model["trainOnBatch"]>[0],
  y: Parameters<keras.Model["trainOnBatch"]>[1],
  sampleWeight?: tf.Tensor,
];

/** Losses of single steps. */
async function trained(
  model: keras.Model,
  batch: (step: number) => Batch,
  { steps = STEPS, first = 0 } = {},
): Promise<number[]> {
  const losses: number[] = [];
  for (let step = first; step < first + steps; step++) {
    model.resetMetrics();
    const [x, y, sampleWeight] = batch(step);
    const weights = sampleWeight ? { sampleWeight } : {};
    losses.push((await model.trainOnBatch(x, y, { ...weights, returnDict: true })).loss);
  }
  return losses;
}

/** What the script draws in place of random numbers. */
class FixedGan extends gan.GAN {
  step = 0;
  override draw(batchSize: number): [latent: tf.Tensor, noise: tf.Tensor] {
    return [
      data(2000 + this.step, [batchSize, this.latentDim]),
      data(3000 + this.step, [2 * batchSize, 1], { scale: 1, offset: 0.5 }),
    ];
  }
}

class FixedSampling extends subclassed.Sampling {
  override draw(shape: readonly number[]): tf.Tensor {
    return data(7, [...shape]);
  }
}

const square = (step: number, side: number, channels = 3) =>
  images(step, [4, side, side, channels]);

const runs: Record<keyof typeof golden, () => Promise<number[]>> = {
  mnist_convnet: () =>
    trained(
      fill(mnist.compileConvnet(mnist.convnet([12, 12, 1], { dropout: 0 }))),
      (s) => [square(s, 12, 1), oneHot(s, 4)],
    ),
  cifar_cnn: () => trained(fill(cifarCnn.cnn()), (s) => [square(s, 32), labels(s, 4)]),
  image_classification: () => {
    const widths = { first: 4, blocks: [6, 8], last: 12 };
    const model = imageClassification.xception([16, 16, 3], 2, widths, 0);
    return trained(
      fill(imageClassification.compileXception(model)),
      (s) => [images(s, [4, 16, 16, 3], 255), floatLabels(s, 4, 2)],
    );
  },
  vit: () => {
    const model = vit.vit({
      imageSize: 16,
      projectionDim: 8,
      numHeads: 2,
      transformerLayers: 1,
      mlpHeadUnits: [16],
      dropout: [0, 0],
      augmentation: null,
    });
    return trained(fill(vit.compileVit(model)), (s) => [square(s, 16), labels(s, 4)]);
  },
  mlp_mixer: () => {
    const model = mlpMixer.mixer({ imageSize: 16, embeddingDim: 8, blocks: 1, dropout: 0 });
    return trained(fill(model), (s) => [square(s, 16), labels(s, 4)]);
  },
  convmixer: () => {
    const model = convmixer.convMixer({ imageSize: 16, filters: 8, depth: 2, kernelSize: 3 });
    return trained(fill(model), (s) => [images(s, [4, 16, 16, 3], 255), labels(s, 4)]);
  },
  cifar_resnet: () =>
    trained(
      fill(cifarResnet.resnet({ depth: 8, filters: 4, imageSize: 16 })),
      (s) => [square(s, 16), labels(s, 4)],
    ),
  gan_train_step: async () => {
    const sizes = { imageSize: 8, latentDim: 5, filters: 4, dropout: 0 };
    const model = gan.makeGan(sizes, FixedGan) as FixedGan;
    fill(model.discriminator);
    fill(model.generator, 100);
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      model.step = step;
      // Not traced, so that every step draws its own.
      for (const metric of model.metrics) metric.resetState();
      const { d_loss, g_loss } = model.trainStep([square(step, 8)]);
      losses.push((await d_loss.data())[0], (await g_loss.data())[0]);
    }
    return losses;
  },
  training_loop: async () => {
    const model = trainingLoop.denseNetwork(12, { units: 8, activity: 0.5 });
    const parts = trainingLoop.makeParts(fill(model));
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const loss = trainingLoop.trainStep(parts, data(1000 + step, [6, 12]), labels(step, 6));
      losses.push((await loss.data())[0]);
    }
    return losses;
  },
  transfer_learning: async () => {
    const base = transfer.makeBase([8, 8, 3]);
    const model = transfer.withHead(base, 0);
    base.trainable = true;
    fill(model);
    const batch = (s: number): Batch => [square(s, 8), floatLabels(s, 4, 2)];
    base.trainable = false;
    transfer.compileHead(model, 0.01);
    const frozen = await trained(model, batch, { steps: 3 });
    base.trainable = true;
    transfer.compileHead(model, 1e-3);
    return [...frozen, ...await trained(model, batch, { steps: 3, first: 3 })];
  },
  functional_api: () => {
    const model = functionalApi.ticketModel({ tags: 3, words: 30, embedding: 5, states: [4, 3] });
    return trained(fill(model), (s) => [
      [
        labels(s, 12, 30).reshape([4, 3]),
        labels(s + 1, 20, 30).reshape([4, 5]),
        data(1000 + s, [4, 3]),
      ],
      { priority: floatLabels(s, 4, 2).reshape([4, 1]), department: oneHot(s, 4, 4) },
    ]);
  },
  own_layers: () =>
    trained(fill(ownLayers.model(0)), (s) => [data(1000 + s, [6, 8]), data(2000 + s, [6, 1])]),
  subclassed_model: () => {
    const vae = new subclassed.VariationalAutoEncoder(12, {
      intermediateDim: 8,
      latentDim: 3,
      sampling: new FixedSampling(),
    });
    vae.build([null, 12]);
    return trained(
      fill(subclassed.compileVae(vae)),
      (s) => [images(s, [4, 12]), images(s, [4, 12])],
    );
  },
  mixup: () =>
    trained(fill(mixup.mixupModel([8, 8, 3], 4, 0)), (s) =>
      mixup.mixUp(
        [square(s, 8), oneHot(s, 4)],
        [square(s + 50, 8), oneHot(s + 3, 4)],
        data(3000 + s, [4], { scale: 1, offset: 0.5 }),
      )),
  distillation: () => {
    const network = (name: string, sizes: [number, number], seed: number) =>
      fill(distillation.network(name, [8, 8, 1], sizes), seed);
    const [student, teacher] = [network("student", [3, 4], 0), network("teacher", [5, 6], 100)];
    return trained(
      distillation.compileDistiller(new distillation.Distiller(student, teacher)),
      (s) => [square(s, 8, 1), labels(s, 4)],
    );
  },
  own_callbacks: () =>
    trained(
      fill(ownCallbacks.linearModel(12)),
      (s) => [data(1000 + s, [6, 12]), floatLabels(s, 6)],
    ),
  built_in_methods: () => {
    const model = builtInMethods.classifier(12, 8);
    model.compile({
      optimizer: "adam",
      loss: new builtInMethods.CustomMSE(),
      weightedMetrics: ["accuracy"],
    });
    const weight = (s: number) =>
      tf.add(1, tf.cast(tf.equal(labels(s, 6), tf.scalar(5, "int32")), "float32"));
    return trained(fill(model), (s) => [data(1000 + s, [6, 12]), oneHot(s, 6), weight(s)]);
  },
};

for (const [name, run] of Object.entries(runs)) {
  Deno.test(`${name}: the losses of the first steps are Keras'`, async () => {
    const losses = await run();
    const expected = golden[name as keyof typeof golden];
    assertEquals(losses.length, expected.length);
    expected.forEach((value, i) =>
      assertAlmostEquals(losses[i], value, 1e-4 * Math.max(1, Math.abs(value)), `step ${i}`)
    );
  });
}
