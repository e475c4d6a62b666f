/**
 * Averages of weights. Follows https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema, where these are
 * in `torch.optim.swa_utils`.
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { tensor } from "../creation.ts";
import { noGrad } from "../grad_mode.ts";
import { BatchNorm } from "../nn/modules/batch_norm.ts";
import { deepcopy } from "../nn/deepcopy.ts";
import { type AnyModule, Module } from "../nn/modules/module.ts";
import type { Tensor } from "../tensor.ts";
import { type AnyOptimizer, LRScheduler, optimizerKind } from "./lr_scheduler/scheduler.ts";

/** The next average of one tensor. */
export type AveragingFunction = (averaged: Tensor, current: Tensor, numAveraged: Tensor) => Tensor;

/** The mean of all weights so far. */
export function getSwaAvgFn(): AveragingFunction {
  return (averaged, current, numAveraged) =>
    averaged.add(current.sub(averaged).div(numAveraged.add(1).to(averaged.dtype)));
}

const EMA = signature("getEmaAvgFn", ["decay", kinds.number, 0.999]);

/** Exponentially weighted: decay average + (1 - decay) weights. */
export function getEmaAvgFn(
  ...given: Call<typeof EMA, { readonly decay?: number }>
): AveragingFunction {
  const { decay } = EMA.read(given);
  if (!(decay >= 0 && decay <= 1)) {
    throw new Error(
      `Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`,
    );
  }
  return (averaged, current) => averaged.mul(decay).add(current.mul(1 - decay));
}

/** Options of {@linkcode AveragedModel}. */
export interface AveragedModelOptions {
  /** {@linkcode getSwaAvgFn} unless given. */
  readonly avgFn?: AveragingFunction | null;
  /** Whether buffers are averaged too; they are copied unless given. */
  readonly useBuffers?: boolean;
}

const moduleKind = kind<AnyModule>("a module", (value) => value instanceof Module);

const AVERAGED = signature(
  "AveragedModel",
  ["model", moduleKind],
  "*",
  [
    "avgFn",
    kinds.nullable(kind<AveragingFunction>("a function", (value) => typeof value === "function")),
    null,
  ],
  ["useBuffers", kinds.boolean, false],
);

/**
 * A copy of a model whose weights are averages of the model's; called like the model.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const { AveragedModel, getEmaAvgFn } = torch.optim.swaUtils;
 * const net = new torch.nn.Linear(4, 2);
 * const ema = new AveragedModel(net, { avgFn: getEmaAvgFn(0.99) });
 * ema.updateParameters(net); // after each step of the optimizer
 * ```
 */
export class AveragedModel<M extends AnyModule>
  extends Module<Parameters<M["forward"]>, ReturnType<M["forward"]>> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    nAveraged: "n_averaged",
  };
  module: M;
  /** How many models were averaged. */
  nAveraged: Tensor;
  readonly avgFn: AveragingFunction;
  readonly useBuffers: boolean;

  constructor(...given: Call<typeof AVERAGED, AveragedModelOptions, [model: M]>) {
    super();
    const { model, avgFn, useBuffers } = AVERAGED.read(given);
    this.module = deepcopy(model) as M;
    this.nAveraged = this.registerBuffer("nAveraged", tensor(0));
    this.avgFn = avgFn ?? getSwaAvgFn();
    this.useBuffers = useBuffers;
  }

  override forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.module(...inputs) as ReturnType<M["forward"]>;
  }

  /** Takes the model's weights into the averages. @throws {Error} if the model is another one */
  updateParameters(model: M): void {
    noGrad(() => {
      const averaged = this.useBuffers
        ? [...this.module.parameters(), ...this.module.buffers()]
        : this.module.parameters();
      const current = this.useBuffers
        ? [...model.parameters(), ...model.buffers()]
        : model.parameters();
      if (averaged.length !== current.length) {
        throw new Error(
          `AveragedModel: got a model of ${current.length} tensors, expected ${averaged.length}`,
        );
      }
      const isFirst = this.nAveraged.array.isOnHost &&
        Number(this.nAveraged.array.buffer.data[0]) === 0;
      averaged.forEach((own, i) =>
        own.copy_(
          isFirst
            ? current[i].detach()
            : this.avgFn(own.detach(), current[i].detach(), this.nAveraged),
        )
      );
      if (!this.useBuffers) {
        const buffers = model.buffers();
        this.module.buffers().forEach((own, i) => own.copy_(buffers[i].detach()));
      }
      this.nAveraged.add_(1);
    });
  }
}

/** Options of {@linkcode SWALR}. */
export interface SWALROptions {
  /** Epochs from the rate to `swaLr`, 10 unless given. */
  readonly annealEpochs?: number;
  /** Along a cosine (unless given) or a line. */
  readonly annealStrategy?: "cos" | "linear";
}

const SWALR_TAKES = signature(
  "SWALR",
  ["optimizer", optimizerKind],
  ["swaLr", kinds.either(kinds.number, kinds.numbers)],
  ["annealEpochs", kinds.integer, 10],
  ["annealStrategy", kinds.oneOf("cos", "linear"), "cos"],
);

/**
 * From the rates that are set, whoever set them, to constant ones, which it keeps.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
 */
export class SWALR extends LRScheduler {
  readonly #target: readonly number[];
  readonly #annealEpochs: number;
  readonly #isLinear: boolean;

  constructor(
    ...given: Call<
      typeof SWALR_TAKES,
      SWALROptions,
      [optimizer: AnyOptimizer, swaLr: number | readonly number[]]
    >
  ) {
    const { optimizer, swaLr, annealEpochs, annealStrategy } = SWALR_TAKES.read(given);
    if (annealEpochs < 0) {
      throw new Error(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    const groups = optimizer.paramGroups.length;
    const target = typeof swaLr === "number" ? Array<number>(groups).fill(swaLr) : swaLr;
    if (target.length !== groups) {
      throw new Error(`expected ${groups} values for swa_lr, got ${target.length}`);
    }
    super(optimizer);
    this.#target = target;
    this.#annealEpochs = annealEpochs;
    this.#isLinear = annealStrategy === "linear";
    this.begin();
  }

  /** At a milestone it goes on from the rates of the scheduler before, as in PyTorch. */
  override restart(): void {
    this.lastEpoch = 0;
    this.apply();
  }

  protected override rates(): number[] {
    const step = this.#annealEpochs === 0 ? Math.max(1, this.lastEpoch) : this.lastEpoch;
    const [before, share] = [this.#shareAt(step - 1), this.#shareAt(step)];
    const rates = this.presentRates();
    return this.#target.map((target, i) => {
      // Where it came from, by the share that is behind.
      const start = before === 1 ? target : (rates[i] - before * target) / (1 - before);
      return target * share + start * (1 - share);
    });
  }

  /** How much of the way lies behind a step, 0 to 1. */
  #shareAt(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.#annealEpochs)));
    return this.#isLinear ? t : (1 - Math.cos(Math.PI * t)) / 2;
  }
}

const UPDATE_BN = signature(
  "updateBn",
  [
    "loader",
    kind<Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>>(
      "batches, to be gone through",
      (value) =>
        typeof value === "object" && value !== null &&
        (Symbol.iterator in value || Symbol.asyncIterator in value),
    ),
  ],
  ["model", moduleKind],
);

/** Computes running statistics of all batch normalizations anew, as means over the batches of a loader. */
export async function updateBn(
  ...given: [
    loader: Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>,
    model: AnyModule,
  ]
): Promise<void> {
  const { loader, model } = UPDATE_BN.read(given);
  const norms = model.modules().filter((module) =>
    (module as unknown) instanceof BatchNorm
  ) as unknown as (BatchNorm & { momentum: number | null })[];
  if (norms.length === 0) return;
  const before = norms.map((norm) => norm.momentum);
  const wasTraining = model.training;
  norms.forEach((norm) => {
    norm.runningMean?.zero_();
    norm.runningVar?.fill_(1);
    norm.numBatchesTracked?.zero_();
    norm.momentum = null;
  });
  model.train();
  for await (const [x] of loader) {
    const call = model as unknown as (x: Tensor) => unknown;
    noGrad(() => call(x));
    await Promise.all(norms.flatMap((norm) => [norm.runningMean?.data(), norm.runningVar?.data()]));
  }
  norms.forEach((norm, i) => norm.momentum = before[i]);
  model.train(wasTraining);
}
