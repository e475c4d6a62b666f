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
import { formatBarLine, formatDetails, formatEpochLine, formatStanding } from "./progress_line.ts";
import { Pace } from "../runner/measuring/pace.ts";
import type { ProgressDisplay } from "../runner/progress_display.ts";
import type { EpochMetrics, EpochRecord, StepLogs, TrialResult } from "../runner/trials/trial.ts";

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
  #pace: Pace;
  #drawn = -Infinity;
  #open = false;
  #trial = "";
  /** How far every trial of the run is, by name: shown under the bar, so that all are in view. */
  readonly #standings = new Map<string, string>();

  constructor(settings: TerminalSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => performance.now());
    this.#pace = new Pace(this.#now);
  }

  plan(ids: readonly string[]): void {
    for (const id of ids) this.#standings.set(id, "waiting");
  }

  trialStart(id: string, number: number, count: number): void {
    this.close();
    this.#trial = id;
    this.#pace = new Pace(this.#now);
    this.#standings.set(id, "starting");
    this.#settings.write(`\n${terminalText(id)} (${number} of ${count})\n`);
  }

  epochStart(epoch: number, epochs: number, steps: number, images: number): void {
    this.close();
    this.#pace.epochStart(epoch, epochs, steps, images);
    this.#drawn = -Infinity;
    if (this.#settings.isTerminal) this.#settings.write(`Epoch ${epoch}/${epochs}\n`);
  }

  step(step: number, { learningRate, ...metrics }: StepLogs = {}): void {
    const now = this.#now();
    const pace = this.#pace;
    pace.stepEnd(step);
    if (!this.#settings.isTerminal) return;
    if (now - this.#drawn < redrawMilliseconds && step < pace.steps) return;
    this.#drawn = now;
    this.#stand(`epoch ${pace.epoch}/${pace.epochs}`, metrics.accuracy);
    const { imagesPerSecond, secondsLeft } = pace;
    const details = formatDetails({ learningRate, imagesPerSecond, secondsLeft });
    this.#draw(this.#barLine(step, pace.epochSecondsLeft!, metrics, details), this.#standing());
    this.#open = true;
  }

  epochEnd(record: EpochRecord): void {
    const { epoch, seconds, ...metrics } = record;
    const { epochs, steps, secondsPerStep: stepSeconds } = this.#pace;
    this.#pace.epochEnd(seconds);
    this.#stand(epoch === epochs ? "done" : `epoch ${epoch}/${epochs}`, metrics.valAccuracy);
    if (this.#settings.isTerminal) {
      this.#draw(this.#barLine(steps, seconds, metrics) + "\n", "");
    } else {
      const line = formatEpochLine({ epoch, epochs, seconds, stepSeconds, metrics });
      this.#settings.write(line + "\n");
    }
    this.#open = false;
  }

  trialEnd({ trial, state, testAccuracy }: TrialResult): void {
    const share = testAccuracy === null ? "" : ` ${testAccuracy.toFixed(4)}`;
    this.#standings.set(trial, state + share);
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

  #barLine(
    step: number,
    seconds: number,
    metrics: Partial<EpochMetrics>,
    details = "",
  ): string {
    const { color, columns } = this.#settings;
    return formatBarLine({
      step,
      steps: this.#pace.steps,
      seconds,
      stepSeconds: this.#pace.secondsPerStep,
      metrics,
      details,
      color,
      columns: columns(),
    });
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
