/** Divergences between two distributions of one kind. @module */
import type { Tensor } from "../tensor.ts";
import { softplus } from "../nn/functional/smooth_activation.ts";
import { where } from "../ops/elementwise.ts";
import { Bernoulli } from "./bernoulli.ts";
import { Categorical } from "./categorical.ts";
import type { Distribution } from "./distribution.ts";
import { Normal } from "./normal.ts";
import { Uniform } from "./uniform.ts";

/**
 * How many nats q takes more than p to describe draws of p, for each pair of a batch.
 * Follows https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.kl
 *
 * @throws {Error} for pairs without a formula: both have to be of one of Normal, Uniform, Bernoulli and Categorical
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  if (p instanceof Normal && q instanceof Normal) {
    const ratio = p.scale.div(q.scale).square();
    const apart = p.loc.sub(q.loc).div(q.scale).square();
    return ratio.add(apart).sub(1).sub(ratio.log()).mul(0.5);
  }
  if (p instanceof Uniform && q instanceof Uniform) {
    const isInside = q.low.le(p.low).logicalAnd(q.high.ge(p.high));
    return where(isInside, q.entropy().sub(p.entropy()), Infinity);
  }
  if (p instanceof Bernoulli && q instanceof Bernoulli) {
    const ofOne = nats(p.probs, softplus(q.logits.neg()).sub(softplus(p.logits.neg())), q.probs);
    const ofZero = nats(without(p), softplus(q.logits).sub(softplus(p.logits)), without(q));
    return ofOne.add(ofZero);
  }
  if (p instanceof Categorical && q instanceof Categorical) {
    return nats(p.probs, p.logits.sub(q.logits), q.probs).sum(-1);
  }
  throw new Error(
    `klDivergence: there is no formula for ${p.constructor.name} and ${q.constructor.name}`,
  );
}

/** p times a difference of logarithms: 0 for what p never draws, infinite for what only q never draws. */
function nats(p: Tensor, difference: Tensor, q: Tensor): Tensor {
  return where(p.eq(0), 0, where(q.eq(0), Infinity, p.mul(difference)));
}

/** The probability of 0. */
function without({ probs }: Bernoulli): Tensor {
  return probs.neg().add(1);
}
