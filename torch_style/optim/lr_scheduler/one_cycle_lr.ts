/**
 * One rise and fall of the rate over a whole training (Smith and Topin 2017).
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, LRScheduler, optimizerKind } from "./scheduler.ts";

/** Options of {@linkcode OneCycleLR}, with PyTorch's defaults. */
export interface OneCycleLROptions {
  /** The highest rate, of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps of the whole training; or `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  /** Epochs of the whole training. */
  readonly epochs?: number;
  /** Steps of an epoch. */
  readonly stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises, 0.3 unless given. */
  readonly pctStart?: number;
  /** Along a cosine (unless given) or a line. */
  readonly annealStrategy?: "cos" | "linear";
  /** Let momentum (or beta1) fall as the rate rises; true unless given. */
  readonly cycleMomentum?: boolean;
  /** 0.85 unless given. */
  readonly baseMomentum?: number;
  /** 0.95 unless given. */
  readonly maxMomentum?: number;
  /** First rate = maxLr / divFactor; 25 unless given. */
  readonly divFactor?: number;
  /** Last rate = first rate / finalDivFactor; 1e4 unless given. */
  readonly finalDivFactor?: number;
  /** Fall to the first rate as long as it rose, and only then to the last one; false unless given. */
  readonly threePhase?: boolean;
}

const ONE_CYCLE_LR = signature(
  "OneCycleLR",
  ["optimizer", optimizerKind],
  ["maxLr", kinds.either(kinds.number, kinds.numbers)],
  ["totalSteps", kinds.number, undefined],
  ["epochs", kinds.number, undefined],
  ["stepsPerEpoch", kinds.number, undefined],
  ["pctStart", kinds.number, undefined],
  ["annealStrategy", kinds.oneOf("cos", "linear"), undefined],
  ["cycleMomentum", kinds.boolean, undefined],
  ["baseMomentum", kinds.number, undefined],
  ["maxMomentum", kinds.number, undefined],
  ["divFactor", kinds.number, undefined],
  ["finalDivFactor", kinds.number, undefined],
  ["threePhase", kinds.boolean, undefined],
);

/**
 * To be stepped after every batch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export class OneCycleLR extends LRScheduler {
  readonly #options: Required<Omit<OneCycleLROptions, "maxLr" | "epochs" | "stepsPerEpoch">>;
  readonly #highest: readonly number[];

  constructor(...given: Call<typeof ONE_CYCLE_LR, OneCycleLROptions, [optimizer: AnyOptimizer]>) {
    const { optimizer, maxLr, epochs, stepsPerEpoch, totalSteps, ...options } = ONE_CYCLE_LR.read(
      given,
    );
    super(optimizer);
    this.#options = {
      pctStart: 0.3,
      annealStrategy: "cos",
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
      ...options,
      totalSteps: totalStepsOf(totalSteps, epochs, stepsPerEpoch),
    };
    this.#check();
    this.#highest = typeof maxLr === "number" ? this.groups.map(() => maxLr) : maxLr;
    if (this.#highest.length !== this.groups.length) {
      throw new Error(
        `expected ${this.groups.length} values for max_lr, got ${this.#highest.length}`,
      );
    }
    this.groups.forEach((group, i) => {
      group.initialLr = this.baseLrs[i] = this.#highest[i] / this.#options.divFactor;
    });
    this.begin();
  }

  #check(): void {
    const { totalSteps, pctStart, cycleMomentum } = this.#options;
    if (!Number.isInteger(totalSteps) || totalSteps <= 0) {
      throw new Error(`Expected positive integer total_steps, but got ${totalSteps}`);
    }
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new Error(`Expected float between 0 and 1 pct_start, but got ${pctStart}`);
    }
    if (cycleMomentum && this.groups.some((g) => g.momentum === undefined && !g.betas)) {
      throw new Error(
        "optimizer must support momentum or beta1 with `cycle_momentum` option enabled",
      );
    }
  }

  override step(): void {
    // The step behind the last one is allowed, as loops end with it: its rate is never used.
    if (this.lastEpoch + 1 > this.#options.totalSteps) {
      throw new Error(
        `Tried to step ${
          this.lastEpoch + 1
        } times. The specified number of total steps is ${this.#options.totalSteps}`,
      );
    }
    super.step();
  }

  protected override apply(): void {
    super.apply();
    if (!this.#options.cycleMomentum) return;
    const { baseMomentum, maxMomentum } = this.#options;
    const momentum = this.#along(maxMomentum, baseMomentum, maxMomentum);
    for (const group of this.groups) {
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    }
  }

  protected override rates(): number[] {
    return this.#highest.map((high) => {
      const first = high / this.#options.divFactor;
      return this.#along(first, high, first / this.#options.finalDivFactor);
    });
  }

  /** From a start to a peak and on to an end, by way of the start again where there are three phases. */
  #along(start: number, peak: number, end: number): number {
    const { totalSteps, pctStart, threePhase } = this.#options;
    const top = pctStart * totalSteps - 1;
    const phases = [
      { until: top, from: start, to: peak },
      ...threePhase ? [{ until: 2 * top, from: peak, to: start }] : [],
      { until: totalSteps - 1, from: threePhase ? start : peak, to: end },
    ];
    const step = this.lastEpoch;
    const reached = phases.findIndex(({ until }) => step <= until);
    const at = reached < 0 ? phases.length - 1 : reached;
    const { until, from, to } = phases[at];
    const begin = at === 0 ? 0 : phases[at - 1].until;
    // A phase of no length is over at once.
    return this.#between(from, to, until > begin ? (step - begin) / (until - begin) : 1);
  }

  #between(from: number, to: number, share: number): number {
    if (this.#options.annealStrategy === "linear") return from + (to - from) * share;
    return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
  }
}

function totalStepsOf(total?: number, epochs?: number, stepsPerEpoch?: number): number {
  if (total !== undefined) return total;
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new Error(
      "You must define either total_steps OR (epochs AND steps_per_epoch): totalSteps, or epochs and stepsPerEpoch",
    );
  }
  for (const [name, value] of [["epochs", epochs], ["steps_per_epoch", stepsPerEpoch]] as const) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new Error(`Expected positive integer ${name}, but got ${value}`);
  }
  return epochs * stepsPerEpoch;
}
