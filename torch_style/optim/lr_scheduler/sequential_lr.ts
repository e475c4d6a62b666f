/**
 * Schedulers one after the other: warm-up, then decay.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import {
  type AnyOptimizer,
  LRScheduler,
  optimizerKind,
  savedSchedulers,
  type SchedulerState,
} from "./scheduler.ts";

const SEQUENTIAL_LR = signature("SequentialLR", ["optimizer", optimizerKind], [
  "schedulers",
  kinds.any as Kind<readonly LRScheduler[]>,
], ["milestones", kinds.numbers]);

/**
 * Each scheduler starts at its milestone as if it were new.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export class SequentialLR extends LRScheduler {
  readonly schedulers: readonly LRScheduler[];
  readonly milestones: readonly number[];

  constructor(
    ...given: Call<
      typeof SEQUENTIAL_LR,
      Record<never, never>,
      [optimizer: AnyOptimizer, schedulers: readonly LRScheduler[], milestones: readonly number[]]
    >
  ) {
    const { optimizer, schedulers, milestones } = SEQUENTIAL_LR.read(given);
    super(optimizer);
    this.schedulers = schedulers;
    this.milestones = milestones;
    if (schedulers.length < 1) {
      throw new Error(
        "SequentialLR expects at least one scheduler to be chained, but got no scheduler.",
      );
    }
    if (milestones.length !== schedulers.length - 1) {
      throw new Error(
        "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone " +
          `points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ` +
          milestones.length,
      );
    }
    for (const scheduler of schedulers) {
      if (scheduler.optimizer === optimizer) continue;
      throw new Error("SequentialLR expects all schedulers to belong to the same optimizer");
    }
    // Each of them set the rates when it was made; the first one has its way.
    schedulers[0].apply();
  }

  override step(): void {
    this.lastEpoch++;
    const passed = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[passed];
    if (this.milestones[passed - 1] === this.lastEpoch) {
      scheduler.lastEpoch = 0;
      scheduler.apply();
    } else {
      scheduler.step();
    }
  }

  protected override rates(): number[] {
    return this.getLastLr();
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
