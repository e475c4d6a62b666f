/**
 * Rates that fall along half a cosine.
 * @module
 */
import { type AnyOptimizer, LRScheduler } from "./scheduler.ts";

/**
 * From the base rate to `etaMin` in `tMax` epochs, and back in the next.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, readonly tMax: number, readonly etaMin = 0) {
    super(optimizer);
    this.apply();
  }

  protected override rates(): number[] {
    const share = (1 + Math.cos(Math.PI * this.lastEpoch / this.tMax)) / 2;
    return this.baseLrs.map((base) => this.etaMin + (base - this.etaMin) * share);
  }
}
