/**
 * Knowledge distillation: a small network learns from labels and from what a larger, trained one says.
 *
 *   deno run -P keras_style/examples/distillation.ts --dataset mnist --limit 5000
 *
 * Source of the program: https://keras.io/examples/vision/knowledge_distillation/ ; of the method: Hinton et al., "Distilling
 * the Knowledge in a Neural Network" (2015)
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, losses, metrics, ops } = keras;

/** A network whose size is that of its two convolutions. */
export function network(
  name: string,
  inputShape: readonly number[],
  [first, second]: readonly [number, number],
): keras.Sequential {
  return new keras.Sequential([
    keras.Input({ shape: inputShape }),
    new layers.Conv2D({ filters: first, kernelSize: 3, strides: 2, padding: "same" }),
    new layers.LeakyReLU({ negativeSlope: 0.2 }),
    new layers.MaxPooling2D({ poolSize: 2, strides: 1, padding: "same" }),
    new layers.Conv2D({ filters: second, kernelSize: 3, strides: 2, padding: "same" }),
    new layers.Flatten(),
    new layers.Dense({ units: 10 }),
  ], { name });
}

/** Options of {@linkcode Distiller.compileFor}. */
export interface DistillerOptions extends keras.CompileOptions {
  readonly distillationLossFn: keras.Loss;
  /** Share of the labels' loss. */
  readonly alpha?: number;
  /** Softens both networks' answers. */
  readonly temperature?: number;
}

/** Trains the student; the teacher stays as it is. */
export class Distiller extends keras.Model {
  #distillation!: Required<Pick<DistillerOptions, "distillationLossFn" | "alpha" | "temperature">>;

  constructor(readonly student: keras.Model, readonly teacher: keras.Model) {
    super();
    teacher.trainable = false;
  }

  /** As `compile`, with what distillation needs beside it. */
  compileFor(
    { distillationLossFn, alpha = 0.1, temperature = 3, ...rest }: DistillerOptions,
  ): void {
    this.compile(rest);
    this.#distillation = { distillationLossFn, alpha, temperature };
  }

  override computeLoss(
    x: tf.Tensor[],
    y: tf.Tensor[],
    yPred: tf.Tensor[],
    sampleWeight: tf.Tensor[] = [],
  ): tf.Tensor {
    const { distillationLossFn, alpha, temperature } = this.#distillation;
    const softened = (logits: tf.Tensor) => ops.softmax(ops.divide(logits, temperature));
    const said = this.teacher(x[0], { training: false });
    const studentLoss = super.computeLoss(x, y, yPred, sampleWeight);
    const distillationLoss = ops.multiply(
      distillationLossFn(softened(said), softened(yPred[0])),
      temperature ** 2,
    );
    return ops.add(
      ops.multiply(studentLoss, alpha),
      ops.multiply(distillationLoss, 1 - alpha),
    );
  }

  override call(x: tf.Tensor): tf.Tensor {
    return this.student(x);
  }
}

/** As the program compiles it. */
export function compileDistiller(distiller: Distiller): Distiller {
  distiller.compileFor({
    optimizer: new keras.optimizers.Adam(),
    metrics: [new metrics.SparseCategoricalAccuracy({ name: "accuracy" })],
    loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    distillationLossFn: new losses.KLDivergence(),
    alpha: 0.1,
    temperature: 10,
  });
  return distiller;
}

/** Trains the teacher, the student from it, and another by itself. @returns their accuracies on test images */
export async function main(
  print = console.log,
  flags: Flags = {},
): Promise<{ teacher: number; distilled: number; alone: number }> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 800, ...flags });
  const compileAlone = (model: keras.Model) =>
    model.compile({
      optimizer: "adam",
      loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
      metrics: [new metrics.SparseCategoricalAccuracy({ name: "accuracy" })],
    });
  const trained = async (name: string, model: keras.Model) => {
    await model.fit(...keras.imagesOf(train), { epochs, verbose: 0 });
    const { accuracy } = await model.evaluate(...keras.imagesOf(test), {
      verbose: 0,
      returnDict: true,
    });
    print(`${name}: accuracy ${accuracy.toFixed(4)}`);
    return accuracy;
  };
  const teacher = network("teacher", train.imageShape, [32, 64]);
  compileAlone(teacher);
  const student = network("student", train.imageShape, [8, 16]);
  const scratch = keras.cloneModel(student) as keras.Model;
  scratch.setWeights(student.getWeights());
  compileAlone(scratch);
  return {
    teacher: await trained("teacher", teacher),
    distilled: await trained("student", compileDistiller(new Distiller(student, teacher))),
    alone: await trained("student without a teacher", scratch),
  };
}

if (import.meta.main) await main(console.log, readFlags());
