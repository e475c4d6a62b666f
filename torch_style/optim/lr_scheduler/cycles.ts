/**
 * Rates that rise and fall again and again.
 * @module
 */
import { type Call, describe, kind, kinds, signature } from "../../arguments.ts";
import type { Hyperparameters } from "../parameter_group.ts";
import {
  type AnyOptimizer,
  LRScheduler,
  optimizerKind,
  savedCount,
  type SchedulerState,
} from "./scheduler.ts";

const WARM_RESTARTS = signature(
  "CosineAnnealingWarmRestarts",
  ["optimizer", optimizerKind],
  ["t0", kinds.integer],
  ["tMult", kinds.integer, 1],
  ["etaMin", kinds.number, 0],
);

/** Options of {@linkcode CosineAnnealingWarmRestarts}. */
export interface WarmRestartOptions {
  /** Each run is so many times as long as the one before, 1 unless given. */
  readonly tMult?: number;
  /** Lowest rate, 0 unless given. */
  readonly etaMin?: number;
}

/**
 * Half cosines from the base rate to `etaMin`, the first of `t0` epochs (Loshchilov and Hutter 2017).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly #options: { readonly t0: number; readonly tMult: number; readonly etaMin: number };
  /** Epochs since the last restart, with fractions, and from that to the next. */
  #run: { readonly now: number; readonly length: number };

  constructor(
    ...given: Call<typeof WARM_RESTARTS, WarmRestartOptions, [optimizer: AnyOptimizer, t0: number]>
  ) {
    const { optimizer, ...options } = WARM_RESTARTS.read(given);
    if (options.t0 < 1) throw new Error(`Expected positive integer T_0, but got ${options.t0}`);
    if (options.tMult < 1) {
      throw new Error(`Expected integer T_mult >= 1, but got ${options.tMult}`);
    }
    super(optimizer);
    this.#options = options;
    this.#run = this.#runAt(0);
    this.begin();
  }

  /** Moves the schedule on by one, or to an epoch: `epoch + batch / batches` after each batch. */
  override step(epoch?: number): void {
    if (epoch !== undefined && !(epoch >= 0 && epoch < Infinity)) {
      throw new Error(`Expected non-negative epoch, but got ${epoch}`);
    }
    if (epoch === undefined && this.lastEpoch >= 0) {
      const { now, length } = this.#run;
      this.#run = now + 1 < length
        ? { now: now + 1, length }
        : { now: (now + 1) % length, length: length * this.#options.tMult };
      this.lastEpoch++;
    } else {
      this.#run = this.#runAt(epoch ?? 0);
      this.lastEpoch = Math.floor(epoch ?? 0);
    }
    this.apply();
  }

  #runAt(epoch: number): { now: number; length: number } {
    const { t0, tMult } = this.#options;
    if (tMult === 1) return { now: epoch % t0, length: t0 };
    let [begin, length] = [0, t0];
    while (epoch >= begin + length) {
      begin += length;
      length *= tMult;
    }
    return { now: epoch - begin, length };
  }

  protected override rates(): number[] {
    const { etaMin } = this.#options;
    const share = (1 + Math.cos(Math.PI * this.#run.now / this.#run.length)) / 2;
    return this.baseLrs.map((base) => etaMin + (base - etaMin) * share);
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), tCur: this.#run.now, tI: this.#run.length };
  }

  override prepareLoad(state: SchedulerState): () => void {
    const take = super.prepareLoad(state);
    // States of earlier versions have the epoch only.
    const run = "tCur" in state
      ? { now: savedNumber(state, "tCur", 0), length: savedNumber(state, "tI", 1) }
      : this.#runAt(savedCount(state, "lastEpoch"));
    return () => {
      take();
      this.#run = run;
    };
  }
}

/** A number of at least so much out of a saved state. */
function savedNumber(state: SchedulerState, name: string, atLeast: number): number {
  const value = state[name];
  if (Number.isFinite(value) && value as number >= atLeast) return value as number;
  throw new Error(
    `loaded scheduler state: ${name} is ${describe(value)}, expected a number from ${atLeast} on`,
  );
}

/** How the height of cycles changes. */
export type CyclicMode = "triangular" | "triangular2" | "exp_range";

/** Options of {@linkcode CyclicLR}, with PyTorch's defaults. */
export interface CyclicLROptions {
  /** Steps of a rise, 2000 unless given. */
  readonly stepSizeUp?: number;
  /** Steps of a fall; as many as of a rise unless given. */
  readonly stepSizeDown?: number | null;
  /** Cycles of one height (unless given), halved each time, or falling by `gamma` each step. */
  readonly mode?: CyclicMode;
  /** 1 unless given. */
  readonly gamma?: number;
  /** The height of a cycle by a function of one's own. */
  readonly scaleFn?: ((x: number) => number) | null;
  /** What that function is given: the number of the cycle, from 1 (unless given), or of the step. */
  readonly scaleMode?: "cycle" | "iterations";
  /** Let momentum (or beta1) fall as the rate rises; true unless given. */
  readonly cycleMomentum?: boolean;
  /** 0.8 unless given. */
  readonly baseMomentum?: number | readonly number[];
  /** 0.9 unless given. */
  readonly maxMomentum?: number | readonly number[];
}

const oneOrEach = kinds.either(kinds.number, kinds.numbers);
const CYCLIC = signature(
  "CyclicLR",
  ["optimizer", optimizerKind],
  ["baseLr", oneOrEach],
  ["maxLr", oneOrEach],
  ["stepSizeUp", kinds.integer, 2000],
  ["stepSizeDown", kinds.nullable(kinds.integer), null],
  ["mode", kinds.oneOf("triangular", "triangular2", "exp_range"), "triangular"],
  ["gamma", kinds.number, 1],
  [
    "scaleFn",
    kinds.nullable(
      kind<(x: number) => number>("a function", (value) => typeof value === "function"),
    ),
    null,
  ],
  ["scaleMode", kinds.oneOf("cycle", "iterations"), "cycle"],
  ["cycleMomentum", kinds.boolean, true],
  ["baseMomentum", oneOrEach, 0.8],
  ["maxMomentum", oneOrEach, 0.9],
);

/**
 * Lines up and down between two rates, to be stepped after every batch (Smith 2017).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export class CyclicLR extends LRScheduler {
  readonly #highest: readonly number[];
  readonly #momenta: readonly (readonly [base: number, max: number])[] | undefined;
  readonly #up: number;
  readonly #total: number;
  readonly #height: (cycle: number, step: number) => number;

  constructor(
    ...given: Call<
      typeof CYCLIC,
      CyclicLROptions,
      [
        optimizer: AnyOptimizer,
        baseLr: number | readonly number[],
        maxLr: number | readonly number[],
      ]
    >
  ) {
    const options = CYCLIC.read(given);
    const groups = options.optimizer.paramGroups as Hyperparameters[];
    const each = (name: string, value: unknown): number[] => {
      const list = typeof value === "number" ? groups.map(() => value) : [...value as number[]];
      if (list.length === groups.length) return list;
      throw new Error(`expected ${groups.length} values for ${name}, got ${list.length}`);
    };
    if (options.stepSizeUp < 1) {
      throw new Error(`CyclicLR: stepSizeUp is ${options.stepSizeUp}, expected at least 1`);
    }
    if (options.cycleMomentum && groups.some((one) => one.momentum === undefined && !one.betas)) {
      throw new Error(
        "optimizer must support momentum or beta1 with `cycle_momentum` option enabled",
      );
    }
    const base = each("base_lr", options.baseLr);
    const highest = each("max_lr", options.maxLr);
    const low = each("base_momentum", options.baseMomentum);
    const high = each("max_momentum", options.maxMomentum);
    base.forEach((rate, i) => groups[i].lr = rate);
    super(options.optimizer);
    this.#up = options.stepSizeUp;
    this.#total = options.stepSizeUp + (options.stepSizeDown ?? options.stepSizeUp);
    this.#highest = highest;
    this.#height = heightOf(options as Required<CyclicLROptions>);
    this.#momenta = options.cycleMomentum ? low.map((one, i) => [one, high[i]]) : undefined;
    // As in PyTorch it begins from the base rates that a scheduler before it found.
    this.begin();
    this.baseLrs.splice(0, Infinity, ...base);
  }

  /** How far up it is, 0 to 1, and the height of this cycle. */
  #now(): [share: number, height: number] {
    const cycle = Math.floor(1 + this.lastEpoch / this.#total);
    const x = 1 + this.lastEpoch / this.#total - cycle;
    const ratio = this.#up / this.#total;
    return [x <= ratio ? x / ratio : (x - 1) / (ratio - 1), this.#height(cycle, this.lastEpoch)];
  }

  protected override apply(): void {
    super.apply();
    const [share, height] = this.#now();
    this.#momenta?.forEach(([base, max], i) => {
      const momentum = max - (max - base) * share * height;
      const group = this.groups[i];
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    });
  }

  protected override rates(): number[] {
    const [share, height] = this.#now();
    return this.baseLrs.map((base, i) => base + (this.#highest[i] - base) * share * height);
  }
}

function heightOf({ mode, gamma, scaleFn, scaleMode }: Required<CyclicLROptions>) {
  if (scaleFn) {
    return (cycle: number, step: number) => scaleFn(scaleMode === "cycle" ? cycle : step);
  }
  if (mode === "triangular") return () => 1;
  return mode === "triangular2"
    ? (cycle: number) => 1 / 2 ** (cycle - 1)
    : (_: number, step: number) => gamma ** step;
}
