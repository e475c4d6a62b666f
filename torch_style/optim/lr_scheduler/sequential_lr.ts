/**
 * Schedulers one after the other: warm-up, then decay.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { ChainedScheduler } from "./chained_scheduler.ts";
import {
  type AnyOptimizer,
  checkSchedulers,
  LRScheduler,
  optimizerKind,
  savedSchedulers,
  schedulersKind,
  type SchedulerState,
} from "./scheduler.ts";

const SEQUENTIAL_LR = signature(
  "SequentialLR",
  ["optimizer", optimizerKind],
  ["schedulers", schedulersKind],
  ["milestones", kinds.numbers],
);

/**
 * Each scheduler starts at its milestone as if it were new. Of schedulers of schedulers only the first can be one.
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
    checkSchedulers("SequentialLR", schedulers, optimizer);
    if (milestones.length !== schedulers.length - 1) {
      throw new Error(
        "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone " +
          `points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ` +
          milestones.length,
      );
    }
    schedulers.slice(1).forEach((scheduler, i) => {
      if (!(scheduler instanceof SequentialLR || scheduler instanceof ChainedScheduler)) return;
      // PyTorch raises NotImplementedError at the milestone.
      throw new Error(
        `SequentialLR: scheduler ${
          i + 1
        } is a ${scheduler.constructor.name}, which cannot start at a ` +
          "milestone, expected it to be the first or one that has no schedulers of its own",
      );
    });
    super(optimizer);
    this.schedulers = schedulers;
    this.milestones = milestones;
    this.lastEpoch = 0;
    // Each of them changed the rates when it was made; the first one has its way.
    this.setRates(this.groups.map((group) => group.initialLr));
    const first = schedulers[this.#passed];
    first.rewind();
    first.begin();
    this.noteRates();
  }

  /** How many milestones are behind: the number of the scheduler whose turn it is. */
  get #passed(): number {
    return this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
  }

  /** A step like all others: inside another SequentialLR it is one step ahead, as in PyTorch. */
  override begin(): void {
    this.step();
  }

  override rewind(): void {
    this.schedulers[this.#passed].rewind();
  }

  override step(): void {
    this.lastEpoch++;
    const passed = this.#passed;
    const scheduler = this.schedulers[passed];
    if (this.milestones[passed - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
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
