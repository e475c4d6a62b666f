/**
 * Ctrl-C: the first one stops the run between two steps, so that what was measured is written; the second one
 * stops the process.
 * @module
 */

/** Signals that ask a program to stop. Windows has the first and Ctrl-Break. */
const stopSignals: Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Exit code of a program that was stopped by Ctrl-C. */
export const interruptedExitCode = 130;

/** What to do at Ctrl-C. */
export interface InterruptionOptions {
  /** Told at the first signal, to say what happens now. */
  readonly onFirst: () => void;
  /** Told at the second one, right before the process ends. */
  readonly onSecond?: () => void;
}

/** Listens until disposed. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener: () => void;

  constructor({ onFirst, onSecond = () => {} }: InterruptionOptions) {
    this.#listener = () => {
      if (this.#controller.signal.aborted) {
        onSecond();
        Deno.exit(interruptedExitCode);
      }
      this.#controller.abort(new Error("interrupted"));
      onFirst();
    };
    for (const name of stopSignals) Deno.addSignalListener(name, this.#listener);
  }

  /** Aborted at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of stopSignals) Deno.removeSignalListener(name, this.#listener);
  }
}
