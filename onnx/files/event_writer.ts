/**
 * Writes TensorBoard's event files, and puts values into its histograms.
 * @module
 */
import { eventRecord, type EventValue, type Histogram, versionRecord } from "./event_file.ts";

let writers = 0;

/** An event file in a folder. Events are kept until {@linkcode EventWriter.flush} or {@linkcode EventWriter.close}. */
export class EventWriter implements AsyncDisposable {
  /** The file's path. */
  readonly path: string;
  #waiting: Promise<Uint8Array>[] = [];
  #written: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param suffix behind the file's name */
  constructor(readonly folder: string, suffix = "") {
    const now = Date.now() / 1000;
    // What TensorBoard looks for; the last number tells files of one second apart.
    const name = `events.out.tfevents.${Math.floor(now)}.tandem.${Deno.pid}.${writers++}${suffix}`;
    this.path = `${folder}/${name}`;
    this.#waiting.push(Promise.resolve(versionRecord(now)));
  }

  /** Whether nothing can be added any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Keeps an event; one whose value is not there yet is written when it is. */
  add(
    tag: string,
    step: number,
    value: EventValue | Promise<EventValue>,
    wallTime: number = Date.now() / 1000,
  ): void {
    const record = Promise.resolve(value)
      .then((value) => eventRecord({ wallTime, step, tag, value }));
    // Whoever flushes sees the failure.
    record.catch(() => {});
    this.#waiting.push(record);
  }

  /**
   * Writes what was added so far, behind what the file holds.
   *
   * @throws what the disk says: the events stay for the next time; or what became of an event's value: the others are written
   */
  flush(): Promise<void> {
    return this.#written = this.#written.catch(() => {}).then(() => this.#write());
  }

  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const settled = await Promise.allSettled(waiting);
    const records = settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
    try {
      if (records.length > 0) await this.#append(await new Blob(records as BlobPart[]).bytes());
    } catch (error) {
      this.#waiting = [...records.map((record) => Promise.resolve(record)), ...this.#waiting];
      throw error;
    }
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await Deno.mkdir(this.folder, { recursive: true });
    const before = await Deno.stat(this.path).then(({ size }) => size, () => 0);
    try {
      await Deno.writeFile(this.path, bytes, { append: true });
    } catch (error) {
      // Half an event, as of a full disk, would make all behind it unreadable.
      await Deno.truncate(this.path, before).catch(() => {});
      throw error;
    }
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

/**
 * Values in bins that grow by a tenth.
 *
 * @param owner whom errors name
 * @throws {Error} for no values, or such as are not finite
 */
export function histogramOf(owner: string, values: readonly number[]): Histogram {
  if (values.length === 0) throw new Error(`${owner}: the input has no element`);
  if (values.some((value) => !Number.isFinite(value))) {
    throw new Error(`${owner}: range of values is not finite`);
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
