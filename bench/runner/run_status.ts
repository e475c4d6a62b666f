/**
 * How far a run is, in a file beside its report: what `bench status` reads from another terminal.
 * @module
 */
import { faultFinder } from "../schema_fault.ts";
import { Pace } from "./measuring/pace.ts";
import type { ProgressDisplay } from "./progress_display.ts";
import type {
  EpochMetrics,
  EpochRecord,
  StepLogs,
  TrialResult,
  TrialState,
} from "./trials/trial.ts";

/** How far a trial is; what is not known yet is null. */
export interface TrialStatus {
  trial: string;
  state: "waiting" | "running" | TrialState;
  epoch: number | null;
  epochs: number | null;
  step: number | null;
  steps: number | null;
  /** The last ones that were told: of the epoch so far, of the last validation. */
  metrics: Partial<EpochMetrics>;
  learningRate: number | null;
  imagesPerSecond: number | null;
  secondsLeft: number | null;
  testAccuracy: number | null;
}

/** How far a run is. */
export interface RunStatus {
  tandem: "status";
  version: 1;
  /** ISO 8601. */
  started: string;
  written: string;
  trials: TrialStatus[];
}

/** Writes are at least this far apart: whoever looks sees seconds. */
const WRITE_MS = 1000;

/** Where {@linkcode StatusDisplay} writes to, and by which clocks. */
export interface StatusSettings {
  readonly write: (status: RunStatus) => void;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  /** For tests. */
  readonly date?: () => Date;
}

/** Notes what trials tell of themselves, and writes it now and then. */
export class StatusDisplay implements ProgressDisplay {
  readonly #settings: Required<StatusSettings>;
  readonly #trials = new Map<string, TrialStatus>();
  readonly #started: string;
  #running: TrialStatus | undefined;
  #pace: Pace;
  #written = -Infinity;

  constructor(settings: StatusSettings) {
    this.#settings = { now: () => performance.now(), date: () => new Date(), ...settings };
    this.#started = this.#settings.date().toISOString();
    this.#pace = new Pace(this.#settings.now);
  }

  plan(ids: readonly string[]): void {
    for (const trial of ids) {
      this.#trials.set(trial, {
        ...{ trial, state: "waiting", epoch: null, epochs: null, step: null, steps: null },
        ...{ metrics: {}, learningRate: null, imagesPerSecond: null, secondsLeft: null },
        testAccuracy: null,
      });
    }
    this.#write();
  }

  trialStart(id: string): void {
    this.#pace = new Pace(this.#settings.now);
    this.#running = this.#trials.get(id);
    this.#change({ state: "running" }, true);
  }

  epochStart(epoch: number, epochs: number, steps: number, images: number): void {
    this.#pace.epochStart(epoch, epochs, steps, images);
    this.#change({ epoch, epochs, step: 0, steps });
  }

  step(step: number, { learningRate, ...metrics }: StepLogs = {}): void {
    this.#pace.stepEnd(step);
    const { imagesPerSecond, secondsLeft } = this.#pace;
    const known = { ...this.#running?.metrics, ...metrics };
    this.#change({ step, metrics: known, imagesPerSecond, secondsLeft });
    if (learningRate !== undefined) this.#change({ learningRate });
  }

  epochEnd({ epoch: _, seconds, ...metrics }: EpochRecord): void {
    this.#pace.epochEnd(seconds);
    this.#change({ metrics, secondsLeft: this.#pace.secondsLeft }, true);
  }

  trialEnd({ trial, state, testAccuracy }: TrialResult): void {
    this.#running = this.#trials.get(trial);
    this.#change({ state, testAccuracy, secondsLeft: null }, true);
    this.#running = undefined;
  }

  note(): void {}
  close(): void {}

  #change(change: Partial<TrialStatus>, atOnce = false): void {
    if (this.#running === undefined) return;
    Object.assign(this.#running, change);
    if (atOnce || this.#settings.now() - this.#written >= WRITE_MS) this.#write();
  }

  #write(): void {
    this.#written = this.#settings.now();
    this.#settings.write({
      ...{ tandem: "status", version: 1, started: this.#started },
      written: this.#settings.date().toISOString(),
      trials: [...this.#trials.values()],
    });
  }
}

/** Whether read data is a status. */
export function isRunStatus(value: unknown): value is RunStatus {
  return faultOf(value) === null;
}

const numbers = [
  ...["epoch", "epochs", "step", "steps"],
  ...["learningRate", "imagesPerSecond", "secondsLeft", "testAccuracy"],
];
const faultOf = faultFinder({
  type: "object",
  required: ["tandem", "version", "started", "written", "trials"],
  properties: {
    tandem: { const: "status" },
    version: { const: 1 },
    started: { type: "string", maxLength: 40 },
    written: { type: "string", maxLength: 40 },
    trials: {
      type: "array",
      items: {
        type: "object",
        required: ["trial", "state", "metrics", ...numbers],
        properties: {
          trial: { type: "string", maxLength: 1000 },
          state: { type: "string", maxLength: 20 },
          ...Object.fromEntries(numbers.map((name) => [name, { type: ["number", "null"] }])),
          metrics: { type: "object", additionalProperties: { type: "number" } },
        },
      },
    },
  },
});
