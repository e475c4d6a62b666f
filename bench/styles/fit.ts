/**
 * What all styles do around their training: state, learning rate, clock, progress.
 * @module
 */
import {
  defaultRuntime,
  describePlacement,
  type Evaluation,
  joinPlacements,
  type Placement,
  type Runtime,
} from "../../onnx/mod.ts";
import { AugmentedSplit, changesImages } from "./training/augmentation.ts";
import { BestState } from "./training/best_state.ts";
import { hasStopped } from "./training/early_stopping.ts";
import { firstNotFinite } from "./training/first_not_finite.ts";
import { rateFactor, trainingLength } from "./training/schedule.ts";
import { DivergedError, type StyleContext } from "./style.ts";
import type { Score, TrainOptions } from "./training/training_loop.ts";

/** What of a training is the style's own. */
export interface TrainingState {
  /** Sets the learning rate of the step to come: the optimizer's own, times the schedule's factor. */
  setRate(factor: number): void;
  /** Trains the first layer no more. Called at every epoch's beginning from then on. */
  freezeFirstLayer(): void;
  /** Writes what a training changes into a folder. */
  save(folder: string): Promise<unknown>;
  /** Takes over what `save` wrote. */
  load(folder: string): Promise<unknown>;
}

/** The training images, drawn anew in every epoch where the recipe says so. */
export function trainingImages(
  { train, recipe, trial, dataset }: StyleContext,
): StyleContext["train"] {
  if (!changesImages(recipe)) return train;
  return new AugmentedSplit(train, recipe, dataset.classNames.length, trial.seed);
}

/** Whether the style itself brings the training images into a random order. */
export function shuffles({ recipe }: StyleContext): boolean {
  return recipe.order === "own";
}

/**
 * One training's events, in their order: `epochStart`, then `beforeCall` (the batches are ready), `beforeStep` for each of
 * its steps and `afterCall`, then `epochEnd`.
 */
export class Fit {
  readonly stepsPerEpoch: number;
  /** Epochs that were done before; known after {@linkcode Fit.run}'s beginning. */
  initialEpoch = 0;
  #step = 0;
  /** Each step's share of drawing an epoch's images. */
  #drawingMs = 0;
  #counted: (() => StepCounts) | null = null;
  readonly #best: BestState | null;

  /** @param images as {@linkcode trainingImages} gives them */
  constructor(
    readonly context: StyleContext,
    readonly state: TrainingState,
    readonly images: StyleContext["train"],
    /** Told when an epoch's images are drawn. */
    readonly onImages: () => void = () => {},
  ) {
    this.stepsPerEpoch = trainingLength(context).stepsPerEpoch;
    const { earlyStopping } = context.recipe;
    this.#best = earlyStopping?.restoreBest ? new BestState(state, earlyStopping) : null;
  }

  /** Goes on from a kept state, trains, and takes the time. */
  async run(train: () => Promise<unknown>): Promise<void> {
    const { checkpoint, outcome } = this.context;
    await using best = this.#best;
    this.initialEpoch = await checkpoint.restore((folder) => this.#kept.load(folder));
    this.#step = this.initialEpoch * this.stepsPerEpoch;
    const begin = performance.now();
    try {
      // It may have been killed between its last epoch and its test.
      if (!this.isOver()) await train();
    } catch (error) {
      throw error instanceof DivergedError ? await this.#located(error) : error;
    } finally {
      outcome.fitSeconds = (performance.now() - begin) / 1000;
    }
    await best?.restore();
  }

  /** The error with what it left behind. */
  async #located({ message }: DivergedError): Promise<DivergedError> {
    const tensor = await firstNotFinite((folder) => this.state.save(folder));
    return new DivergedError(
      tensor === null
        ? `${message}; weights and optimizer are finite`
        : `${message}; the first tensor of the state that is not finite is ${tensor}`,
    );
  }

  /** The state as it is kept after every epoch. */
  get #kept(): Pick<TrainingState, "save" | "load"> {
    return this.#best ?? this.state;
  }

  /** Whether the training may end here. Asked after every epoch. */
  isOver(): boolean {
    const { progress, recipe: { earlyStopping }, outcome: { history } } = this.context;
    return progress.isOver() || hasStopped(history, earlyStopping);
  }

  /** Of the last step. */
  get #learningRate(): number {
    const { trial, recipe } = this.context;
    const rate = trial.axes.style === "torch"
      ? recipe.torch.optimizer.lr
      : recipe.keras.optimizer.learningRate;
    return rate * this.#rateFactor(Math.max(0, this.#step - 1));
  }

  #rateFactor(step: number): number {
    return rateFactor(this.context.recipe.schedule, step, trainingLength(this.context));
  }

  /** @param epoch counted from 1 */
  epochStart(epoch: number): void {
    const { progress, clock, recipe: { firstLayerEpochs } } = this.context;
    progress.epochStart(epoch, this.stepsPerEpoch);
    if (firstLayerEpochs !== null && epoch > firstLayerEpochs) this.state.freezeFirstLayer();
    if (this.images instanceof AugmentedSplit) {
      const begin = performance.now();
      this.images.beginEpoch(epoch);
      this.onImages();
      this.#drawingMs = (performance.now() - begin) / this.stepsPerEpoch;
    }
    clock.prepare(this.#drawingMs);
  }

  /** The batches of a call's steps lie ready in the host's memory. */
  beforeCall(steps: number): void {
    const { clock, outcome } = this.context;
    const isFirst = outcome.stepFlops === null;
    if (isFirst && clock.engine !== null) this.#counted = countStep(defaultRuntime());
    clock.start(steps);
  }

  /** A step is about to be recorded. */
  beforeStep(): void {
    const { schedule } = this.context.recipe;
    if (schedule.kind !== "constant") this.state.setRate(this.#rateFactor(this.#step));
    this.#step++;
  }

  /** The loss is read. */
  afterCall(steps: number): void {
    const { clock, outcome } = this.context;
    clock.stop();
    if (this.#counted === null) return;
    const { flops, placement } = this.#counted();
    this.#counted = null;
    outcome.stepFlops = flops / steps;
    outcome.nodesOnCpu = placement.onCpu.length;
    outcome.deviceCopies = placement.copies;
    if (placement.onCpu.length > 0) {
      outcome.notes.push(
        `of a training step, ${outcome.provider} leaves ${describePlacement(placement)}`,
      );
    }
  }

  /** @param step counted from 1 within the epoch */
  stepDone(step: number, running: Partial<Score>): void {
    this.context.progress.step(step, { ...running, learningRate: this.#learningRate });
    this.context.clock.prepare(this.#drawingMs);
  }

  async epochEnd(train: Score, validation: Score): Promise<void> {
    const { progress, checkpoint, outcome } = this.context;
    progress.epochEnd({ ...train, valLoss: validation.loss, valAccuracy: validation.accuracy });
    await this.#best?.note(outcome.history);
    await checkpoint.keep((folder) => this.#kept.save(folder));
  }

  /** Options for the loop of the styles that write their own step. */
  loopOptions<Batches>(validation: Batches): TrainOptions<Batches> {
    const { recipe, signal, stepsPerCall } = this.context;
    return {
      stepsPerCall,
      epochs: recipe.epochs,
      initialEpoch: this.initialEpoch,
      validation,
      signal,
      onEpochStart: (epoch) => this.epochStart(epoch),
      beforeStep: () => this.beforeStep(),
      aroundCall: async (steps, call) => {
        this.beforeCall(steps);
        const score = await call();
        this.afterCall(steps);
        return score;
      },
      onStep: (step, running) => this.stepDone(step, running),
      onEpochEnd: (_, train, validation) => this.epochEnd(train, validation!),
      isOver: () => this.isOver(),
    };
  }
}

/** What one training step takes. */
interface StepCounts {
  readonly flops: number;
  readonly placement: Placement;
}

/** Counts floating-point operations and what is left to the CPU from now on, until what it returns is called. */
function countStep(runtime: Runtime): () => StepCounts {
  const evaluations: Evaluation[] = [];
  const end = runtime.onEvaluate((evaluation) => evaluations.push(evaluation));
  return () => {
    end();
    return {
      flops: evaluations.reduce((sum, { flops }) => sum + flops, 0),
      placement: joinPlacements(evaluations.map(({ placement }) => placement)),
    };
  };
}

/**
 * Reads a runtime's clock from now on, at every step.
 *
 * @returns to be called after the fit: sets `compileSeconds` and `engineSeconds`
 */
export function watchEngine({ clock, outcome }: StyleContext, runtime: Runtime): () => void {
  const before = runtime.statistics;
  const times = () => ({
    compileMs: runtime.statistics.compileMs - before.compileMs,
    runMs: runtime.statistics.runMs - before.runMs,
  });
  clock.engine = times;
  return () => {
    const { compileMs, runMs } = times();
    outcome.compileSeconds = compileMs / 1000;
    outcome.engineSeconds = runMs / 1000;
  };
}
