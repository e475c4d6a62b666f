/**
 * Figures of a training for TensorBoard.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor } from "../tensor.ts";
import { encode } from "fast-png";
import { type EventValue, EventWriter, histogramOf } from "../../onnx/mod.ts";

/** Options of {@linkcode SummaryWriter}. */
export interface SummaryWriterOptions {
  /** The folder; `runs/` and the time unless given. */
  readonly logDir?: string | null;
  /** Behind the folder's name where that is not given. */
  readonly comment?: string;
  /** Behind the file's name. */
  readonly filenameSuffix?: string;
}

const SUMMARY_WRITER = signature(
  "SummaryWriter",
  ["logDir", kinds.nullable(kinds.string), null],
  ["comment", kinds.string, ""],
  "*",
  ["filenameSuffix", kinds.string, ""],
);

/**
 * Writes scalars, histograms, texts and images into an event file that TensorBoard shows. Events are kept until
 * {@linkcode SummaryWriter.flush} or {@linkcode SummaryWriter.close}; close the writer at the end, or use `await using`.
 * Follows https://docs.pytorch.org/docs/stable/tensorboard.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * await using writer = new torch.utils.tensorboard.SummaryWriter("/tmp/runs/first");
 * for (let step = 0; step < 3; step++) writer.addScalar("loss/train", 1 / (step + 1), step);
 * ```
 */
export class SummaryWriter implements AsyncDisposable {
  readonly logDir: string;
  readonly #events: EventWriter;

  constructor(...given: Call<typeof SUMMARY_WRITER, SummaryWriterOptions>) {
    const { logDir, comment, filenameSuffix } = SUMMARY_WRITER.read(given);
    const stamp = new Date().toISOString().replace(/\..*/, "").replaceAll(":", "-");
    this.logDir = logDir ?? `runs/${stamp}${comment}`;
    this.#events = new EventWriter(this.logDir, filenameSuffix);
  }

  /** The event file's path. */
  get path(): string {
    return this.#events.path;
  }

  #add(
    tag: string,
    globalStep: number | null,
    value: EventValue | Promise<EventValue>,
    wallTime: number | null,
  ): void {
    if (this.#events.closed) throw new Error(`SummaryWriter of ${this.logDir} is closed`);
    this.#events.add(tag, globalStep ?? 0, value, wallTime ?? undefined);
  }

  /** A number, or a tensor with one element. */
  addScalar(
    tag: string,
    scalarValue: number | Tensor,
    globalStep: number | null = null,
    wallTime: number | null = null,
  ): void {
    const value = scalarValue instanceof Tensor
      ? scalarValue.detach().item().then((scalar) => ({ scalar }))
      : { scalar: scalarValue };
    this.#add(tag, globalStep, value, wallTime);
  }

  /** Several values under `mainTag/name`. PyTorch writes a file for each; here they are in one. */
  addScalars(
    mainTag: string,
    tagScalarDict: Readonly<Record<string, number | Tensor>>,
    globalStep: number | null = null,
    wallTime: number | null = null,
  ): void {
    for (const [name, value] of Object.entries(tagScalarDict)) {
      this.addScalar(`${mainTag}/${name}`, value, globalStep, wallTime);
    }
  }

  /** How values are spread, in bins that grow by a tenth. */
  addHistogram(
    tag: string,
    values: Tensor | ArrayLike<number>,
    globalStep: number | null = null,
    wallTime: number | null = null,
  ): void {
    const value = values instanceof Tensor
      ? values.detach().data().then((data) => ({
        histogram: histogramOf("addHistogram", Array.from(data, Number)),
      }))
      : { histogram: histogramOf("addHistogram", Array.from(values)) };
    this.#add(tag, globalStep, value, wallTime);
  }

  /** A text, which is shown as Markdown. */
  addText(
    tag: string,
    textString: string,
    globalStep: number | null = null,
    wallTime: number | null = null,
  ): void {
    this.#add(`${tag}/text_summary`, globalStep, { text: textString }, wallTime);
  }

  /**
   * An image [channels, height, width], values from 0 to 1 or bytes.
   *
   * @throws {Error} where it is flushed, if the tensor is no image of 1, 3 or 4 channels
   */
  addImage(
    tag: string,
    imgTensor: Tensor,
    globalStep: number | null = null,
    wallTime: number | null = null,
  ): void {
    this.#add(tag, globalStep, encodedImage(imgTensor.detach()), wallTime);
  }

  /** Writes what was added so far, behind what the file holds. */
  flush(): Promise<void> {
    return this.#events.flush();
  }

  /** Writes the rest; nothing can be added then. */
  async close(): Promise<void> {
    await this.#events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function encodedImage(tensor: Tensor): Promise<EventValue> {
  const [channels, height, width] = tensor.shape;
  if (tensor.ndim !== 3 || ![1, 3, 4].includes(channels)) {
    throw new Error(
      `addImage: expected an image [channels, height, width] of 1, 3 or 4 channels, got shape [${
        tensor.shape.join(", ")
      }]`,
    );
  }
  const values = await tensor.data();
  const scale = tensor.dtype === "uint8" ? 1 : 255;
  const data = new Uint8ClampedArray(values.length);
  const size = height * width;
  for (let i = 0; i < data.length; i++) {
    data[i % size * channels + Math.floor(i / size)] = Number(values[i]) * scale;
  }
  return { image: { height, width, channels, png: encode({ width, height, channels, data }) } };
}
