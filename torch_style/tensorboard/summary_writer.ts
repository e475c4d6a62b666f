/**
 * Figures of a training for TensorBoard.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor } from "../tensor.ts";
import { encode } from "fast-png";
import { eventRecord, type EventValue, type Histogram, versionRecord } from "./event_file.ts";

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

let writers = 0;

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
  readonly #path: string;
  #waiting: Promise<Uint8Array>[] = [];
  #written: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(...given: Call<typeof SUMMARY_WRITER, SummaryWriterOptions>) {
    const { logDir, comment, filenameSuffix } = SUMMARY_WRITER.read(given);
    const now = Date.now() / 1000;
    const stamp = new Date().toISOString().replace(/\..*/, "").replaceAll(":", "-");
    this.logDir = logDir ?? `runs/${stamp}${comment}`;
    // What TensorBoard looks for; the last number tells files of one second apart.
    const name = `events.out.tfevents.${
      Math.floor(now)
    }.tandem.${Deno.pid}.${writers++}${filenameSuffix}`;
    this.#path = `${this.logDir}/${name}`;
    this.#waiting.push(Promise.resolve(versionRecord(now)));
  }

  /** The event file's path. */
  get path(): string {
    return this.#path;
  }

  #add(
    tag: string,
    globalStep: number | null,
    value: EventValue | Promise<EventValue>,
    wallTime: number | null,
  ): void {
    if (this.#closed) throw new Error(`SummaryWriter of ${this.logDir} is closed`);
    const event = { wallTime: wallTime ?? Date.now() / 1000, step: globalStep ?? 0, tag };
    const record = Promise.resolve(value).then((value) => eventRecord({ ...event, value }));
    // Whoever flushes sees the failure.
    record.catch(() => {});
    this.#waiting.push(record);
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
        histogram: histogramOf(Array.from(data, Number)),
      }))
      : { histogram: histogramOf(Array.from(values)) };
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
    const waiting = this.#waiting;
    this.#waiting = [];
    return this.#written = this.#written.then(async () => {
      const records = await Promise.all(waiting);
      if (records.length === 0) return;
      await Deno.mkdir(this.logDir, { recursive: true });
      await Deno.writeFile(this.#path, await new Blob(records as BlobPart[]).bytes(), {
        append: true,
      });
    });
  }

  /** Writes the rest; nothing can be added then. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Right ends of TensorBoard's bins: 0 in the middle, each 1.1 times as far out as the one before. */
const LIMITS = (() => {
  const positive: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  return [...positive.toReversed().map((limit) => -limit), 0, ...positive, Number.MAX_VALUE];
})();

function histogramOf(values: readonly number[]): Histogram {
  if (values.length === 0) throw new Error("addHistogram: the input has no element");
  if (values.some((value) => !Number.isFinite(value))) {
    throw new Error("addHistogram: range of values is not finite");
  }
  const counts = new Array<number>(LIMITS.length).fill(0);
  for (const value of values) counts[binOf(value)]++;
  const used = counts.flatMap((count, i) => count > 0 ? [i] : []);
  const [first, last] = [Math.max(0, used[0] - 1), used.at(-1)!];
  return {
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
    count: values.length,
    sum: values.reduce((a, b) => a + b, 0),
    sumSquares: values.reduce((a, b) => a + b * b, 0),
    limits: LIMITS.slice(first, last + 1),
    counts: counts.slice(first, last + 1),
  };
}

/** The first bin whose end is beyond the value. */
function binOf(value: number): number {
  let [low, high] = [0, LIMITS.length - 1];
  while (low < high) {
    const middle = low + high >> 1;
    if (LIMITS[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
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
