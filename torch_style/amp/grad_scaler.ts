/**
 * Scales the loss, so that gradients of float16 neither vanish nor overflow.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { tensor } from "../creation.ts";
import { noGrad } from "../grad_mode.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode GradScaler}. */
export interface GradScalerOptions {
  /** The first factor; 65536 unless given. */
  readonly initScale?: number;
  /** What the factor grows by after `growthInterval` steps without overflow; 2 unless given. */
  readonly growthFactor?: number;
  /** What the factor is multiplied by after an overflow; 0.5 unless given. */
  readonly backoffFactor?: number;
  /** 2000 unless given. */
  readonly growthInterval?: number;
  /** Whether it is on; true unless given. */
  readonly enabled?: boolean;
}

const GRAD_SCALER = signature(
  "GradScaler",
  ["device", kinds.string, "cuda"],
  ["initScale", kinds.number, 2 ** 16],
  ["growthFactor", kinds.number, 2],
  ["backoffFactor", kinds.number, 0.5],
  ["growthInterval", kinds.integer, 2000],
  ["enabled", kinds.boolean, true],
);

// deno-lint-ignore no-explicit-any
type AnyOptimizer = Optimizer<any>;

/** What became of an optimizer since the last update. */
interface Progress {
  /** Whether a gradient was infinite or no number. */
  readonly overflowed: Promise<boolean>;
  isStepped: boolean;
}

/**
 * Multiplies the loss by a factor and divides the gradients by it before the optimizer's step, which is left out where one is
 * infinite or no number: the factor is halved then. It grows after many steps without that.
 * Follows https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling
 *
 * @throws {Error} for factors that would not scale
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const net = new torch.nn.Linear(4, 1);
 * const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
 * const scaler = new torch.amp.GradScaler();
 * scaler.scale(net(torch.ones([2, 4])).sum()).backward();
 * await scaler.step(optimizer);
 * scaler.update();
 * ```
 */
export class GradScaler {
  readonly #enabled: boolean;
  #scale: number;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  #growthTracker = 0;
  readonly #progress = new Map<AnyOptimizer, Progress>();
  /** What the steps so far have found. */
  #found: boolean[] = [];

  constructor(
    ...given: Call<typeof GRAD_SCALER, GradScalerOptions & { readonly device?: string }>
  ) {
    const { enabled, initScale, growthFactor, backoffFactor, growthInterval } = GRAD_SCALER.read(
      given,
    );
    if (!(growthFactor > 1)) throw new Error("The growth factor must be > 1.0.");
    if (!(backoffFactor < 1)) throw new Error("The backoff factor must be < 1.0.");
    this.#enabled = enabled;
    this.#scale = initScale;
    this.#growthFactor = growthFactor;
    this.#backoffFactor = backoffFactor;
    this.#growthInterval = growthInterval;
  }

  /** The loss times the factor. */
  scale(loss: Tensor): Tensor {
    return this.#enabled ? loss.mul(this.#factor(this.#scale, loss)) : loss;
  }

  /** A tensor, not a number: it changes without another graph. */
  #factor(value: number, { dtype }: Tensor): Tensor {
    return tensor(value, { dtype: dtype === "float64" ? dtype : "float32" });
  }

  /**
   * Divides an optimizer's gradients by the factor, to look at them or clip them before the step.
   *
   * @throws {Error} if they were divided since the last update
   */
  unscale_(optimizer: AnyOptimizer): void {
    if (!this.#enabled) return;
    const known = this.#progress.get(optimizer);
    if (known?.isStepped) throw new Error("unscale_() is being called after step().");
    if (known) {
      throw new Error(
        "unscale_() has already been called on this optimizer since the last update().",
      );
    }
    noGrad(() => this.#unscale(optimizer));
  }

  #unscale(optimizer: AnyOptimizer): void {
    const grads = optimizer.parameters.flatMap(({ grad }) => grad ? [grad] : []);
    // 0 of all values that are finite, NaN of the others.
    const checks = grads.map((grad) => grad.detach().to("float32").mul(0).sum());
    for (const grad of grads) grad.mul_(this.#factor(1 / this.#scale, grad));
    const sum = checks.length === 0 ? undefined : checks.reduce((a, b) => a.add(b));
    const overflowed = sum ? sum.item().then((value) => value !== 0) : Promise.resolve(false);
    // Whoever steps gets the error.
    overflowed.catch(() => {});
    this.#progress.set(optimizer, { overflowed, isStepped: false });
  }

  /**
   * The optimizer's step, unless a gradient is infinite or no number. To be awaited before {@linkcode GradScaler.update}.
   *
   * @throws {Error} if the optimizer made a step since the last update
   */
  async step(optimizer: AnyOptimizer): Promise<void> {
    if (!this.#enabled) return await optimizer.step();
    if (this.#progress.get(optimizer)?.isStepped) {
      throw new Error("step() has already been called since the last update().");
    }
    if (!this.#progress.has(optimizer)) this.unscale_(optimizer);
    const progress = this.#progress.get(optimizer)!;
    progress.isStepped = true;
    const overflowed = await progress.overflowed;
    this.#found.push(overflowed);
    if (!overflowed) await optimizer.step();
  }

  /**
   * Adapts the factor to what the steps found.
   *
   * @param newScale the next factor, in place of what follows from the steps
   * @throws {Error} if there was no step since the last update
   */
  update(newScale?: number): void {
    if (!this.#enabled) return;
    if (newScale !== undefined) this.#scale = newScale;
    else if (this.#found.length === 0) {
      throw new Error(
        "No inf checks were recorded prior to update: await scaler.step(optimizer) before",
      );
    } else this.#adapt(this.#found.includes(true));
    this.#found = [];
    this.#progress.clear();
  }

  #adapt(overflowed: boolean): void {
    if (overflowed) {
      this.#scale *= this.#backoffFactor;
      this.#growthTracker = 0;
    } else if (++this.#growthTracker === this.#growthInterval) {
      this.#growthTracker = 0;
      const grown = this.#scale * this.#growthFactor;
      if (Number.isFinite(Math.fround(grown))) this.#scale = grown;
    }
  }

  /** The factor; 1 where it is off. */
  getScale(): number {
    return this.#enabled ? this.#scale : 1;
  }

  /** What the factor grows by. */
  getGrowthFactor(): number {
    return this.#growthFactor;
  }

  /** Sets {@linkcode GradScaler.getGrowthFactor}. */
  setGrowthFactor(factor: number): void {
    this.#growthFactor = factor;
  }

  /** What the factor is multiplied by after an overflow. */
  getBackoffFactor(): number {
    return this.#backoffFactor;
  }

  /** Sets {@linkcode GradScaler.getBackoffFactor}. */
  setBackoffFactor(factor: number): void {
    this.#backoffFactor = factor;
  }

  /** After how many steps without overflow the factor grows. */
  getGrowthInterval(): number {
    return this.#growthInterval;
  }

  /** Sets {@linkcode GradScaler.getGrowthInterval}. */
  setGrowthInterval(interval: number): void {
    this.#growthInterval = interval;
  }

  /** Whether it is on. */
  isEnabled(): boolean {
    return this.#enabled;
  }

  /** Plain data, as PyTorch lays it out; empty where it is off. */
  stateDict(): Record<string, number> {
    return this.#enabled
      ? {
        scale: this.#scale,
        growth_factor: this.#growthFactor,
        backoff_factor: this.#backoffFactor,
        growth_interval: this.#growthInterval,
        _growth_tracker: this.#growthTracker,
      }
      : {};
  }

  /** Takes over what {@linkcode GradScaler.stateDict} gave. @throws {Error} for a state without values */
  loadStateDict(state: Readonly<Record<string, number>>): void {
    if (!this.#enabled) return;
    if (Object.keys(state).length === 0) {
      throw new Error(
        "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.",
      );
    }
    this.#scale = state.scale;
    this.#growthFactor = state.growth_factor;
    this.#backoffFactor = state.backoff_factor;
    this.#growthInterval = state.growth_interval;
    this.#growthTracker = state._growth_tracker;
  }
}
