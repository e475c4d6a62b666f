/**
 * Progress on the terminal, one look for all styles: a bar as Keras prints it, or one plain line an epoch where the
 * output is not a terminal.
 *
 * Written here, not taken from cli-progress: what that library adds is a timer, which does not fire while native code
 * keeps the thread, and a signal handler, which the bench has of its own; the line itself would be ours all the same.
 *
 * @module
 */
import { terminalLines, terminalText } from "./escape.ts";
import { formatBarLine, formatEpochLine, formatStanding } from "./progress_line.ts";
import type { ProgressDisplay } from "../runner/progress_display.ts";
import type { EpochMetrics, EpochRecord, StepLogs } from "../runner/trial.ts";

/** How and where to show progress. */
export interface TerminalSettings {
  /** Takes text as it is, line ends and escapes included. */
  write: (text: string) => void;
  /** Whether lines can be overwritten. */
  isTerminal: boolean;
  /** Whether to colour (see `NO_COLOR`). */
  color: boolean;
  /** Width in characters now. */
  columns: () => number;
  /** Milliseconds; for tests. */
  now?: () => number;
}

/** Redraws are at least this far apart, as in Keras: a faster bar costs time and cannot be read. */
const redrawMilliseconds = 50;

/** A display that prints as Keras does. */
export class TerminalProgress implements ProgressDisplay {
  #settings: TerminalSettings;
  #now: () => number;
  #steps = 0;
  #epoch = 0;
  #epochs = 0;
  #started = 0;
  #drawn = -Infinity;
  #lastStep = 0;
  #stepSeconds = 0;
  #open = false;
  #trial = "";
  /** How far every trial of the run is, by name: shown under the bar, so that all are in view. */
  readonly #standings = new Map<string, string>();

  constructor(settings: TerminalSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => performance.now());
  }

  plan(ids: readonly string[]): void {
    for (const id of ids) this.#standings.set(id, "waiting");
  }

  trialStart(id: string, number: number, count: number): void {
    this.close();
    this.#trial = id;
    this.#standings.set(id, "starting");
    this.#settings.write(`\n${terminalText(id)} (${number} of ${count})\n`);
  }

  epochStart(epoch: number, epochs: number, steps: number): void {
    this.close();
    this.#epoch = epoch;
    this.#steps = steps;
    this.#epochs = epochs;
    this.#started = this.#now();
    this.#drawn = -Infinity;
    this.#lastStep = 0;
    this.#stepSeconds = 0;
    if (this.#settings.isTerminal) this.#settings.write(`Epoch ${epoch}/${epochs}\n`);
  }

  step(step: number, logs: StepLogs = {}): void {
    const now = this.#now();
    this.#lastStep = step;
    this.#stepSeconds = (now - this.#started) / 1000;
    if (!this.#settings.isTerminal) return;
    if (now - this.#drawn < redrawMilliseconds && step < this.#steps) return;
    this.#drawn = now;
    const left = this.#stepSeconds / step * (this.#steps - step);
    this.#stand(`epoch ${this.#epoch}/${this.#epochs}`, logs.accuracy);
    this.#draw(this.#barLine(step, left, logs), this.#standing());
    this.#open = true;
  }

  epochEnd(record: EpochRecord): void {
    const { epoch, seconds, ...metrics } = record;
    this.#stand(
      epoch === this.#epochs ? "done" : `epoch ${epoch}/${this.#epochs}`,
      metrics.valAccuracy,
    );
    if (this.#settings.isTerminal) {
      this.#draw(this.#barLine(this.#steps, seconds, metrics) + "\n", "");
    } else {
      const stepSeconds = this.#secondsPerStep();
      const line = formatEpochLine({ epoch, epochs: this.#epochs, seconds, stepSeconds, metrics });
      this.#settings.write(line + "\n");
    }
    this.#open = false;
  }

  note(line: string): void {
    this.close();
    this.#settings.write(terminalLines(line) + "\n");
  }

  close(): void {
    // What stands under the bar is wiped: it is of the moment.
    if (this.#open) this.#settings.write("\n\x1b[J");
    this.#open = false;
  }

  #barLine(step: number, seconds: number, metrics: Partial<EpochMetrics>): string {
    const { color, columns } = this.#settings;
    return formatBarLine({
      step,
      steps: this.#steps,
      seconds,
      stepSeconds: this.#secondsPerStep(),
      metrics,
      color,
      columns: columns(),
    });
  }

  /** Mean over the epoch's steps, validation left out. */
  #secondsPerStep(): number {
    return this.#lastStep === 0 ? 0 : this.#stepSeconds / this.#lastStep;
  }

  #stand(where: string, accuracy: number | undefined): void {
    const share = accuracy === undefined ? "" : ` ${accuracy.toFixed(4)}`;
    this.#standings.set(this.#trial, where + share);
  }

  /** The line under the bar; none where there is only one trial. */
  #standing(): string {
    if (this.#standings.size < 2) return "";
    return formatStanding(this.#standings, this.#trial, this.#settings.columns());
  }

  /** Draws the bar over the last one, and a line under it. */
  #draw(line: string, below: string): void {
    // Back to the line's start; what longer lines before left over is cleared.
    const under = below === "" ? "" : `\n${below}\x1b[A\r`;
    this.#settings.write(`\r\x1b[J${line}${under}`);
  }
}

/** Settings for the process' standard error; standard output is left to the results. */
export function standardErrorSettings(): TerminalSettings {
  const encoder = new TextEncoder();
  const isTerminal = Deno.stderr.isTerminal();
  return {
    write: (text) => writeAll(encoder.encode(text)),
    isTerminal,
    color: isTerminal && !Deno.noColor,
    columns: () => isTerminal ? Deno.consoleSize().columns : 80,
  };
}

/** A pipe may take only part of what it is given. */
function writeAll(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += Deno.stderr.writeSync(bytes.subarray(done));
}
