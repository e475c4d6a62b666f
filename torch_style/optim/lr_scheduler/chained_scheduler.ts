/**
 * Schedulers at the same time.
 * @module
 */
import { CosineAnnealingLR } from "./cosine_annealing_lr.ts";
import {
  type AnyOptimizer,
  LRScheduler,
  savedRates,
  savedSchedulers,
  type SchedulerState,
} from "./scheduler.ts";

/**
 * All schedulers act on the rate, each by the factor with which its own rate changes: a constant factor and an exponential
 * decay multiply.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler extends LRScheduler {
  /** The rates that each scheduler alone would have set. */
  readonly #own: number[][];

  constructor(readonly schedulers: readonly LRScheduler[], optimizer?: AnyOptimizer) {
    if (!Array.isArray(schedulers) || schedulers.length < 1) {
      throw new Error(
        "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.",
      );
    }
    super(optimizer ?? schedulers[0].optimizer);
    if (schedulers.some((scheduler) => scheduler.optimizer !== this.optimizer)) {
      throw new Error("ChainedScheduler expects all schedulers to belong to the same optimizer");
    }
    const rates = [...this.baseLrs];
    this.#own = schedulers.map((scheduler) => {
      scheduler.apply();
      const own = this.getLastLr();
      own.forEach((rate, i) => rates[i] *= rate / this.baseLrs[i]);
      return own;
    });
    rates.forEach((rate, i) => this.groups[i].lr = rate);
  }

  override step(): void {
    this.lastEpoch++;
    const rates = this.getLastLr();
    this.schedulers.forEach((scheduler, k) => {
      this.#own[k].forEach((rate, i) => this.groups[i].lr = rate);
      scheduler.step();
      const now = this.getLastLr();
      const floor = scheduler instanceof CosineAnnealingLR ? scheduler.etaMin : 0;
      now.forEach((rate, i) => {
        const before = this.#own[k][i] - floor;
        // From 0 there is no way back by a factor.
        rates[i] = before === 0 ? rate : (rates[i] - floor) * (rate - floor) / before + floor;
      });
      this.#own[k] = now;
    });
    rates.forEach((rate, i) => this.groups[i].lr = rate);
  }

  protected override rates(): number[] {
    return this.getLastLr();
  }

  override stateDict(): SchedulerState {
    return {
      ...super.stateDict(),
      own: this.#own.map((rates) => [...rates]),
      schedulers: this.schedulers.map((one) => one.stateDict()),
    };
  }

  override prepareLoad(state: SchedulerState): () => void {
    const ownState = super.prepareLoad(state);
    const inner = savedSchedulers(state, this.schedulers.length);
    const taken = this.schedulers.map((scheduler, i) => scheduler.prepareLoad(inner[i]));
    const all = Array.isArray(state.own) ? state.own : [];
    const own = this.schedulers.map((_, i) =>
      savedRates({ own: all[i] }, "own", this.groups.length)
    );
    return () => {
      taken.forEach((take) => take());
      this.#own.splice(0, Infinity, ...own);
      ownState();
    };
  }
}
