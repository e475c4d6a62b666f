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
    if (!(tMax >= 1)) throw new Error(`CosineAnnealingLR: tMax is ${tMax}, expected at least 1`);
    super(optimizer);
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.begin();
  }

  protected override rates(): number[] {
    const { etaMin, tMax, lastEpoch: epoch } = this;
    const rates = this.presentRates();
    if (this.isInitial) return rates;
    const cosine = (at: number) => 1 + Math.cos(Math.PI * at / tMax);
    if ((epoch - 1 - tMax) % (2 * tMax) === 0) {
      // Up from the lowest rate there is no way by a factor.
      const rise = (1 - Math.cos(Math.PI / tMax)) / 2;
      return this.baseLrs.map((base, i) => rates[i] + (base - etaMin) * rise);
    }
    const share = cosine(epoch) / cosine(epoch - 1);
    return rates.map((rate) => share * (rate - etaMin) + etaMin);
  }
}
