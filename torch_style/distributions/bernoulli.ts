/** The distribution of 0 and 1. @module */
import { floatLimits, type Shape } from "../../onnx/mod.ts";
import { kinds, signature } from "../arguments.ts";
import { tensor } from "../creation.ts";
import { binaryCrossEntropyWithLogits } from "../nn/functional/binary_loss.ts";
import { rand } from "../random_creation.ts";
import type { Tensor } from "../tensor.ts";
import { checkOneGiven, Distribution, type Parameter, parameterKind } from "./distribution.ts";

/** What {@linkcode Bernoulli} is made of: one of the two. */
export interface BernoulliParameters {
  readonly probs?: Parameter | null;
  readonly logits?: Parameter | null;
}

const parameter = kinds.nullable(parameterKind);
const BERNOULLI = signature("Bernoulli", ["probs", parameter, null], ["logits", parameter, null]);

function asTensor(given: Parameter | null): Tensor | null {
  return typeof given === "number" ? tensor(given, { dtype: "float32" }) : given;
}

/** 1 with a probability, else 0. */
export class Bernoulli extends Distribution {
  readonly probs: Tensor;
  readonly logits: Tensor;

  /** @throws {Error} unless one of `probs` and `logits` is given */
  constructor(...given: [probs: Parameter] | [BernoulliParameters]) {
    const read = BERNOULLI.read(given);
    const [probs, logits] = [asTensor(read.probs), asTensor(read.logits)];
    checkOneGiven("Bernoulli", probs, logits);
    super((probs ?? logits)!.shape);
    this.probs = probs ?? logits!.sigmoid();
    this.logits = logits ?? probs!.logit(floatLimits(probs!.dtype).eps);
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.neg().add(1));
  }

  protected override draw(sampleShape: Shape): Tensor {
    const draws = rand(this.extended(sampleShape), { dtype: this.probs.dtype });
    return draws.lt(this.probs).to(this.probs.dtype);
  }

  override logProb(value: Tensor): Tensor {
    const shape = value.add(this.logits).shape;
    return binaryCrossEntropyWithLogits(
      this.logits.expand(...shape),
      value.to(this.logits.dtype).expand(...shape),
      { reduction: "none" },
    ).neg();
  }

  override entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: "none" });
  }
}
