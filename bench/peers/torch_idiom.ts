/**
 * The PyTorch idiom as a side of the measurement.
 * @module
 */
import { fromHost } from "../../onnx/mod.ts";
import { manualSeed, nn, noGrad, onnx, optim, save, Tensor, zeros } from "../../torch_style/mod.ts";
import { loadModel } from "../models/mod.ts";
import { exportedSide } from "./exported_file.ts";
import type { Task } from "./requests.ts";
import { imageValues, labelValues, toChannelsFirst } from "./same_batch.ts";
import { OPTIMIZER, type Side } from "./side.ts";

async function networkOf({ model, imageShape, classes }: Task): Promise<nn.Module> {
  const { torch } = await loadModel(model);
  if (torch === null) throw new Error(`${model} is not written in the PyTorch idiom`);
  const { TorchModel } = await torch();
  manualSeed(1);
  return new TorchModel({ inputShape: firstOf(imageShape), classes });
}

function firstOf([height, width, channels]: readonly number[]): number[] {
  return [channels, height, width];
}

/** A network and its batch, which lies ready in the host's memory. */
export class TorchSide implements Side {
  readonly #network: nn.Module;
  readonly #criterion = new nn.CrossEntropyLoss();
  readonly #optimizer: optim.SGD;
  readonly #images: Float32Array;
  readonly #labels: BigInt64Array;
  readonly #shape: number[];
  #dropping = true;

  constructor(network: nn.Module, { batch, imageShape, classes }: Omit<Task, "model">) {
    this.#network = network;
    const { rate: lr, momentum } = OPTIMIZER;
    this.#optimizer = new optim.SGD(network.parameters(), { lr, momentum });
    this.#shape = [batch, ...firstOf(imageShape)];
    this.#images = toChannelsFirst(imageValues(batch, imageShape), imageShape);
    this.#labels = BigInt64Array.from(labelValues(batch, classes), BigInt);
  }

  get parameters(): number {
    return this.#network.countParameters();
  }

  withoutDropout(): void {
    this.#dropping = false;
  }

  save(path: string): Promise<void> {
    return save(this.#network.stateDict(), path);
  }

  /** As a data loader gives it: a tensor of its own every time. */
  get #x(): Tensor {
    return new Tensor(fromHost(this.#images, this.#shape));
  }

  async step(): Promise<number> {
    this.#network.train();
    if (!this.#dropping) this.#network.modules().filter(isDropping).forEach((m) => m.eval());
    this.#optimizer.zeroGrad();
    const labels = new Tensor(fromHost(this.#labels, [this.#labels.length], "int64"));
    const loss = this.#criterion(this.#network(this.#x), labels);
    loss.backward();
    await this.#optimizer.step();
    return await loss.item();
  }

  async infer(): Promise<number> {
    this.#network.eval();
    const logits = await noGrad(() => this.#network(this.#x)).data();
    return Number(logits[0]);
  }
}

function isDropping(module: nn.AnyModule): boolean {
  return /Dropout|StochasticDepth/.test(module.constructor.name);
}

/** The idiom itself. */
export async function torchSide(task: Task): Promise<Side> {
  return new TorchSide(await networkOf(task), task);
}

/** The file that it exports, on plain onnxruntime-node. */
export async function torchOnnxSide(task: Task): Promise<Side> {
  const network = await networkOf(task);
  const images = toChannelsFirst(imageValues(task.batch, task.imageShape), task.imageShape);
  return await exportedSide(
    (path) => onnx.export(network, zeros([1, ...firstOf(task.imageShape)]), path),
    { data: images, shape: [task.batch, ...firstOf(task.imageShape)] },
  );
}
