/**
 * How long a block took.
 * @module
 */
import { defaultRuntime } from "../onnx/mod.ts";

/** Options of {@linkcode DurationTime}. */
export interface DurationTimeOptions {
  /** Takes the line; console.log unless given. */
  readonly log?: (line: string) => void;
  /** The time in milliseconds; `performance.now` unless given. */
  readonly clock?: () => number;
}

/** Blocks that have begun and not ended, the outermost first. */
const open = new Set<DurationTime>();

/**
 * Measures the block it is made in, by `using`, and prints a line such as `training: 1.23 s` when the block is left,
 * in whatever way. Blocks inside others are indented: an inner one's line comes before the outer one's.
 *
 * The `onnxruntime` engine computes when a number is asked for. `await using` waits for what it was asked for by then;
 * what was only recorded is in nobody's time.
 *
 * @example A block, and one inside it
 * ```ts
 * import { keras } from "@tandem/tandem";
 * using _whole = new keras.DurationTime("whole");
 * {
 *   await using loading = new keras.DurationTime("loading");
 *   await new Promise((resolve) => setTimeout(resolve, 10));
 *   console.log(loading.seconds > 0); // true
 * } // "  loading: 10.1 ms"
 * ```
 *
 * @example A function
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const sum = keras.DurationTime.measure("sum", () => [1, 2, 3].reduce((a, b) => a + b));
 * const text = await keras.DurationTime.measure("reading", () => Deno.readTextFile("deno.json"));
 * console.log(sum, text.length);
 * ```
 */
export class DurationTime implements Disposable, AsyncDisposable {
  /** What is measured. */
  readonly label: string;
  readonly #log: (line: string) => void;
  readonly #clock: () => number;
  readonly #begin: number;
  #end: number | undefined;

  /** @throws {TypeError} if the label is no text */
  constructor(label = "duration", options: DurationTimeOptions = {}) {
    if (typeof label !== "string") {
      throw new TypeError(`DurationTime: label is ${label}, expected a text`);
    }
    this.label = label;
    this.#log = options.log ?? ((line) => console.log(line));
    this.#clock = options.clock ?? (() => performance.now());
    open.add(this);
    this.#begin = this.#clock();
  }

  /** Seconds since the beginning; once the block was left, what it took. */
  get seconds(): number {
    return ((this.#end ?? this.#clock()) - this.#begin) / 1000;
  }

  /** Ends the measurement and prints it; later calls do nothing. */
  [Symbol.dispose](): void {
    this.#stop("");
  }

  /** As above, after what the engine was asked for is computed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await defaultRuntime().inTurn(() => {});
    this.#stop("");
  }

  /**
   * Measures a function, or what it promises, and gives its result back. The line says so if it failed.
   *
   * @returns what the function returns
   */
  static measure<T>(label: string, run: () => T, options: DurationTimeOptions = {}): T {
    const time = new DurationTime(label, options);
    let result: T;
    try {
      result = run();
    } catch (error) {
      time.#stop(" (failed)");
      throw error;
    }
    if (!(result instanceof Promise)) {
      time.#stop("");
      return result;
    }
    return result.then((value) => {
      time.#stop("");
      return value;
    }, (error) => {
      time.#stop(" (failed)");
      throw error;
    }) as T;
  }

  #stop(remark: string): void {
    if (this.#end !== undefined) return;
    this.#end = this.#clock();
    const outer = [...open].indexOf(this);
    open.delete(this);
    this.#log(`${"  ".repeat(outer)}${this.label}: ${formatSeconds(this.seconds)}${remark}`);
  }
}

/** Three digits that matter, in the unit that fits: `412 µs`, `12.3 ms`, `1.23 s`, `2 min 3 s`, `1 h 2 min 3 s`. */
function formatSeconds(seconds: number): string {
  // What would be rounded to 60 s is a minute.
  if (seconds >= 59.95) return formatMinutes(Math.round(seconds));
  const [value, unit] = seconds >= 0.9995
    ? [seconds, "s"]
    : seconds >= 0.0009995
    ? [seconds * 1e3, "ms"]
    : [seconds * 1e6, "µs"];
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(unit === "s" ? 2 : digits)} ${unit}`;
}

function formatMinutes(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours} h ` : ""}${minutes} min ${seconds % 60} s`;
}
