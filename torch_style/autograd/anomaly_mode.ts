/**
 * Finds the first function whose gradient is NaN. Follows
 * https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { evaluate, isFloating, type LazyArray } from "../../onnx/mod.ts";

/** A gradient that a function returned for one of its inputs. */
interface Returned {
  readonly name: string;
  readonly input: number;
  readonly array: LazyArray;
  /** The line that applied the function. */
  readonly appliedAt: string | undefined;
}

/** Gradients that backward passes have recorded and nobody has looked at yet. */
export class AnomalyWatch {
  #returned: Returned[] = [];

  /** A function returned gradients, in the order of the pass. */
  note(
    { name, appliedAt }: { readonly name: string; readonly appliedAt?: string },
    gradients: readonly ({ readonly array: LazyArray } | null)[],
  ): void {
    gradients.forEach((gradient, input) => {
      if (!gradient || !isFloating(gradient.array.dtype)) return;
      this.#returned.push({ name, input, array: gradient.array, appliedAt });
    });
  }

  /** @throws {Error} naming the first function that returned NaN */
  async check(): Promise<void> {
    const returned = this.#returned;
    this.#returned = [];
    await evaluate(returned.map(({ array }) => array));
    const wrong = returned.find(({ array }) => hasNaN(array));
    if (!wrong) return;
    const where = wrong.appliedAt === undefined ? "" : `; it was applied at ${wrong.appliedAt}`;
    throw new Error(
      `Function '${wrong.name}' returned nan values in its ${wrong.input}th output${where}`,
    );
  }
}

function hasNaN({ buffer: { data } }: LazyArray): boolean {
  for (const value of data) if (Number.isNaN(Number(value))) return true;
  return false;
}

const watches = new AsyncLocalStorage<AnomalyWatch>();
let everywhere: AnomalyWatch | undefined;

/** The watch that is on here, if any. */
export function anomalyWatch(): AnomalyWatch | undefined {
  return watches.getStore() ?? everywhere;
}

/** The line outside of Tandem that is being run, while somebody watches. */
export function watchedLine(): string | undefined {
  if (!anomalyWatch()) return undefined;
  const own = new URL("../", import.meta.url).href;
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  const frame = frames.find((line) => !line.includes(own));
  return frame && /((?:file|https?):\/\/[^\s)]+)/.exec(frame)?.[1];
}

/**
 * Runs a function in which every gradient is looked at: a backward pass whose function returns NaN is an error that names it,
 * from the optimizer's step, which is not made then, or at the function's end. Every gradient is computed and read, which costs
 * time: for looking for a fault. Follows `torch.autograd.detect_anomaly`; gradients are computed late here, so the body is
 * a function that is awaited.
 *
 * @throws {Error} naming the function and the line that applied it
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([-1], { requiresGrad: true });
 * await torch.autograd.detectAnomaly(() => x.sqrt().sum().backward())
 *   .catch((error) => console.log(error.message)); // Function 'SqrtBackward0' returned nan values ...
 * ```
 */
export async function detectAnomaly<T>(body: () => T | Promise<T>): Promise<T> {
  const watch = new AnomalyWatch();
  return await watches.run(watch, async () => {
    const result = await body();
    await watch.check();
    return result;
  });
}

/** Turns {@linkcode detectAnomaly} on everywhere, or off. Follows `torch.autograd.set_detect_anomaly`. */
export function setDetectAnomaly(mode: boolean): void {
  everywhere = mode ? new AnomalyWatch() : undefined;
}

/** Whether gradients are looked at here. Follows `torch.is_anomaly_enabled`. */
export function isAnomalyEnabled(): boolean {
  return anomalyWatch() !== undefined;
}
