/**
 * Rates that rise and fall again and again.
 * @module
 */
import { type Call, kind, kinds, signature } from "../../arguments.ts";
import { optimizerKind } from "./closed_forms.ts";
import { type AnyOptimizer, LRScheduler, type SchedulerState } from "./scheduler.ts";

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
  /** With fractions, where the schedule is. */
  #epoch = 0;

  constructor(
    ...given: Call<typeof WARM_RESTARTS, WarmRestartOptions, [optimizer: AnyOptimizer, t0: number]>
  ) {
    const { optimizer, ...options } = WARM_RESTARTS.read(given);
    super(optimizer);
    if (options.t0 < 1) throw new Error(`Expected positive integer T_0, but got ${options.t0}`);
    if (options.tMult < 1) {
      throw new Error(`Expected integer T_mult >= 1, but got ${options.tMult}`);
    }
    this.#options = options;
    this.apply();
  }

  /** Moves the schedule on by one, or to an epoch: `epoch + batch / batches` after each batch. */
  override step(epoch?: number): void {
    if (epoch !== undefined && !(epoch >= 0)) {
      throw new Error(`Expected non-negative epoch, but got ${epoch}`);
    }
    this.#epoch = epoch ?? this.lastEpoch + 1;
    this.lastEpoch = Math.floor(this.#epoch);
    this.apply();
  }

  protected override rates(): number[] {
    const { t0, tMult, etaMin } = this.#options;
    const now = Math.floor(this.#epoch) === this.lastEpoch ? this.#epoch : this.lastEpoch;
    let [begin, length] = [0, t0];
    if (tMult === 1) begin = Math.floor(now / t0) * t0;
    else {
      while (now >= begin + length) {
        begin += length;
        length *= tMult;
      }
    }
    const share = (1 + Math.cos(Math.PI * (now - begin) / length)) / 2;
    return this.baseLrs.map((base) => etaMin + (base - etaMin) * share);
  }

  override prepareLoad(state: SchedulerState): () => void {
    const take = super.prepareLoad(state);
    return () => {
      take();
      this.#epoch = this.lastEpoch;
    };
  }
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
    super(options.optimizer);
    const each = (name: string, value: unknown): number[] => {
      const list = typeof value === "number"
        ? this.groups.map(() => value)
        : [...value as number[]];
      if (list.length === this.groups.length) return list;
      throw new Error(`expected ${this.groups.length} values for ${name}, got ${list.length}`);
    };
    if (options.stepSizeUp < 1) {
      throw new Error(`CyclicLR: stepSizeUp is ${options.stepSizeUp}, expected at least 1`);
    }
    this.#up = options.stepSizeUp;
    this.#total = options.stepSizeUp + (options.stepSizeDown ?? options.stepSizeUp);
    this.#highest = each("max_lr", options.maxLr);
    this.#height = heightOf(options as Required<CyclicLROptions>);
    if (options.cycleMomentum) {
      if (this.groups.some((group) => group.momentum === undefined && !group.betas)) {
        throw new Error(
          "optimizer must support momentum or beta1 with `cycle_momentum` option enabled",
        );
      }
      const [low, high] = [
        each("base_momentum", options.baseMomentum),
        each("max_momentum", options.maxMomentum),
      ];
      this.#momenta = low.map((base, i) => [base, high[i]]);
    }
    each("base_lr", options.baseLr).forEach((rate, i) =>
      this.groups[i].initialLr = this.baseLrs[i] = rate
    );
    this.apply();
  }

  /** How far up it is, 0 to 1, and the height of this cycle. */
  #now(): [share: number, height: number] {
    const cycle = Math.floor(1 + this.lastEpoch / this.#total);
    const x = 1 + this.lastEpoch / this.#total - cycle;
    const ratio = this.#up / this.#total;
    return [x <= ratio ? x / ratio : (x - 1) / (ratio - 1), this.#height(cycle, this.lastEpoch)];
  }

  override apply(): void {
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
