/**
 * Rates that fall along half a cosine.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, LRScheduler, optimizerKind } from "./scheduler.ts";

const COSINE_ANNEALING_LR = signature(
  "CosineAnnealingLR",
  ["optimizer", optimizerKind],
  ["tMax", kinds.number],
  ["etaMin", kinds.number, 0],
);

/**
 * From the base rate to `etaMin` in `tMax` epochs, and back in the next.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(
    ...given: Call<
      typeof COSINE_ANNEALING_LR,
      { readonly etaMin?: number },
      [optimizer: AnyOptimizer, tMax: number]
    >
  ) {
    const { optimizer, tMax, etaMin } = COSINE_ANNEALING_LR.read(given);
    super(optimizer);
    if (!(tMax >= 1)) throw new Error(`CosineAnnealingLR: tMax is ${tMax}, expected at least 1`);
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.apply();
  }

  protected override rates(): number[] {
    const share = (1 + Math.cos(Math.PI * this.lastEpoch / this.tMax)) / 2;
    return this.baseLrs.map((base) => this.etaMin + (base - this.etaMin) * share);
  }
}
