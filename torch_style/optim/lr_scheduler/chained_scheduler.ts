/**
 * Schedulers at the same time.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import {
  type AnyOptimizer,
  checkSchedulers,
  LRScheduler,
  optimizerKind,
  savedSchedulers,
  schedulersKind,
  type SchedulerState,
} from "./scheduler.ts";

const CHAINED_SCHEDULER = signature(
  "ChainedScheduler",
  ["schedulers", schedulersKind],
  ["optimizer", kinds.nullable(optimizerKind), null],
);

/**
 * Steps one scheduler after the other, each from the rates that the one before set: a constant factor and an
 * exponential decay multiply.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler extends LRScheduler {
  readonly schedulers: readonly LRScheduler[];

  constructor(
    ...given: Call<
      typeof CHAINED_SCHEDULER,
      { readonly optimizer?: AnyOptimizer | null },
      [schedulers: readonly LRScheduler[]]
    >
  ) {
    const { schedulers, optimizer } = CHAINED_SCHEDULER.read(given);
    checkSchedulers("ChainedScheduler", schedulers, optimizer ?? undefined);
    super(schedulers[0].optimizer);
    this.schedulers = schedulers;
    this.lastEpoch = 0;
  }

  /** A step like all others: as in PyTorch its schedulers do not know that it is the first. */
  override begin(): void {
    this.step();
  }

  override rewind(): void {
    super.rewind();
    this.schedulers.forEach((scheduler) => scheduler.rewind());
  }

  override step(): void {
    this.lastEpoch++;
    this.schedulers.forEach((scheduler) => scheduler.step());
    this.noteRates();
  }

  protected override rates(): number[] {
    return this.presentRates();
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), schedulers: this.schedulers.map((one) => one.stateDict()) };
  }

  override prepareLoad(state: SchedulerState): () => void {
    const own = super.prepareLoad(state);
    const inner = savedSchedulers(state, this.schedulers.length);
    const taken = this.schedulers.map((scheduler, i) => scheduler.prepareLoad(inner[i]));
    return () => [...taken, own].forEach((take) => take());
  }
}
