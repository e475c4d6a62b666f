/**
 * Progress as Keras 3 prints it. The look and the rules are those of keras/src/utils/progbar.py.
 * @module
 */
import { exponentText, fixedText } from "../number_text.ts";
import type { Logs } from "./callback.ts";

const CELLS = 20;
/** Redraws are at least this many seconds apart. */
const INTERVAL = 0.05;

/** What a bar needs of its surroundings. */
export interface ProgressSettings {
  /** Takes text as it is. */
  readonly write: (text: string) => void;
  /** Whether lines can be overwritten; without, only the finished line is printed. */
  readonly isTerminal: boolean;
  /** Whether to colour. */
  readonly color: boolean;
  /** Seconds. */
  readonly now: () => number;
}

const encoder = new TextEncoder();

/** The process' standard output. */
export function standardOutput(): ProgressSettings {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    write: (text) => {
      const bytes = encoder.encode(text);
      for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
    },
    isTerminal,
    color: isTerminal && !Deno.noColor,
    now: () => performance.now() / 1000,
  };
}

/** One line that grows: step of steps, a bar, time, time a step, values. */
export class ProgressBar {
  readonly #target: number | undefined;
  readonly #verbose: number;
  readonly #settings: ProgressSettings;
  readonly #started: number;
  #firstStepDone: number | undefined;
  #drawn = -Infinity;
  #width = 0;
  #logs: Logs = {};

  constructor(target: number | undefined, verbose: number, settings: ProgressSettings) {
    this.#target = target;
    this.#verbose = verbose;
    this.#settings = settings;
    this.#started = settings.now();
  }

  /** So many steps are done. */
  update(current: number, logs: Logs, finalize = false): void {
    const now = this.#settings.now();
    Object.assign(this.#logs, logs);
    const stepTime = this.#stepTime(current, now);
    if (this.#verbose === 1) this.#draw(current, now, stepTime, finalize);
    else if (this.#verbose === 2 && finalize) this.#print(current, now, stepTime);
  }

  /** The first step builds the session: it is left out where there are others. */
  #stepTime(current: number, now: number): number {
    if (current === 0) return 0;
    if (this.#firstStepDone !== undefined && current > 1) {
      return (now - this.#firstStepDone) / (current - 1);
    }
    this.#firstStepDone ??= now;
    return (now - this.#started) / current;
  }

  #draw(current: number, now: number, stepTime: number, finalize: boolean): void {
    const { isTerminal, write } = this.#settings;
    if (!finalize && (!isTerminal || now - this.#drawn < INTERVAL)) return;
    this.#drawn = now;
    const left = finalize || this.#target === undefined
      ? (now - this.#started).toFixed(0) + "s"
      : clock(stepTime * (this.#target - current));
    const head = `${this.#bar(current)} ${this.#styled(left, 1)} ${perStep(stepTime)}`;
    const line = head + values(this.#logs);
    const width = visibleWidth(line);
    const padding = " ".repeat(Math.max(0, this.#width - width));
    this.#width = width;
    write((isTerminal ? "\r" : "") + line + padding + (finalize ? "\n" : ""));
  }

  #bar(current: number): string {
    if (this.#target === undefined) return `${String(current).padStart(7)}/Unknown`;
    const digits = String(this.#target).length;
    const count = `${String(current).padStart(digits)}/${this.#target}`;
    const done = Math.floor(CELLS * current / this.#target);
    const cells = this.#styled("━".repeat(done), 32) +
      this.#styled((this.#settings.color ? "━" : "─").repeat(CELLS - done), 37);
    return `${this.#styled(count, 1)} ${cells}`;
  }

  #print(current: number, now: number, stepTime: number): void {
    const count = `${current}/${this.#target ?? "Unknown"}`;
    const seconds = (now - this.#started).toFixed(0);
    this.#settings.write(
      `${count} - ${seconds}s - ${perStep(stepTime)}${values(this.#logs)}\n`,
    );
  }

  #styled(text: string, code: number): string {
    return this.#settings.color && text ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

function visibleWidth(line: string): number {
  // deno-lint-ignore no-control-regex
  return line.replace(/\x1b\[\d+m/g, "").length;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole > 3600) {
    const minutes = Math.floor(whole % 3600 / 60);
    return `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}`;
  }
  return whole > 60 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : `${whole}s`;
}

function perStep(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${seconds.toFixed(0)}s/step`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(0)}ms/step`;
  return `${(seconds * 1e6).toFixed(0)}us/step`;
}

function values(logs: Logs): string {
  return Object.entries(logs).map(([name, value]) => ` - ${name}: ${formatNumber(value)}`).join("");
}

/** As Python's `.4f`, for small numbers `.4e`. */
function formatNumber(value: number): string {
  return Math.abs(value) > 1e-3 ? fixedText(value, 4) : exponentText(value, 4);
}
