/**
 * The Keras idiom as a side of the measurement.
 * @module
 */
import { encodeSafetensors, fromHost, writeBeside } from "../../onnx/mod.ts";
import {
  type EngineName,
  layers,
  losses,
  type Model,
  optimizers,
  selectEngine,
  setRandomSeed,
} from "../../keras_style/mod.ts";
import { loadModel } from "../models/mod.ts";
import { exportedSide } from "./exported_file.ts";
import type { Task } from "./requests.ts";
import { imageValues, labelValues } from "./same_batch.ts";
import { OPTIMIZER, type Side } from "./side.ts";

async function modelOf({ model, imageShape, classes }: Task): Promise<Model> {
  const { keras } = await loadModel(model);
  if (keras === null) throw new Error(`${model} is not written in the Keras idiom`);
  const { kerasModel } = await keras();
  setRandomSeed(1);
  return kerasModel({ inputShape: imageShape, classes });
}

/** A model and its batch, which lies ready in the host's memory. */
export class KerasSide implements Side {
  readonly #model: Model;
  readonly #x: { data: Float32Array; shape: number[] };
  readonly #y: { data: Int32Array; shape: number[] };

  constructor(model: Model, { batch, imageShape, classes }: Omit<Task, "model">) {
    this.#model = model;
    model.compile({
      optimizer: new optimizers.SGD({
        learningRate: OPTIMIZER.rate,
        momentum: OPTIMIZER.momentum,
      }),
      loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    });
    this.#x = { data: imageValues(batch, imageShape), shape: [batch, ...imageShape] };
    this.#y = { data: Int32Array.from(labelValues(batch, classes)), shape: [batch] };
  }

  get parameters(): number {
    return this.#model.trainableVariables.reduce((sum, { size }) => sum + size, 0);
  }

  withoutDropout(): void {
    for (const layer of this.#model.layers) {
      if (layer instanceof layers.Dropout) Object.assign(layer, { rate: 0 });
    }
  }

  async save(path: string): Promise<void> {
    const weights = await Promise.all(
      this.#model.getWeights().map(async (weight, i) => {
        const array = fromHost(await weight.data() as Float32Array, weight.shape);
        return [String(i).padStart(4, "0"), array] as const;
      }),
    );
    await writeBeside(path, await encodeSafetensors(new Map(weights)));
  }

  async step(): Promise<number> {
    return [await this.#model.trainOnBatch(this.#x, this.#y)].flat()[0];
  }

  async infer(): Promise<number> {
    const logits = await this.#model.predictOnBatch(this.#x);
    const [first] = await logits.data();
    logits.dispose();
    return first;
  }
}

/** The idiom itself, on an engine. */
export function kerasSideOn(engine: EngineName) {
  return async (task: Task): Promise<Side> => {
    await selectEngine(engine);
    return new KerasSide(await modelOf(task), task);
  };
}

/** The file that it exports, on plain onnxruntime-node. */
export async function kerasOnnxSide(task: Task): Promise<Side> {
  const model = await modelOf(task);
  const images = imageValues(task.batch, task.imageShape);
  return await exportedSide(
    (path) => model.export(path),
    { data: images, shape: [task.batch, ...task.imageShape] },
  );
}
