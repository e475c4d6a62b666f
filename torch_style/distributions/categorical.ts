/** The distribution of indices. @module */
import { floatLimits, type Shape, sizeOf } from "../../onnx/mod.ts";
import { kinds, signature } from "../arguments.ts";
import { full } from "../creation.ts";
import { multinomial } from "../ops/sampling.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { checkOneGiven, Distribution } from "./distribution.ts";

/** What {@linkcode Categorical} is made of: one of the two. */
export interface CategoricalParameters {
  readonly probs?: Tensor | null;
  readonly logits?: Tensor | null;
}

const parameter = kinds.nullable(tensorKind);
const CATEGORICAL = signature("Categorical", ["probs", parameter, null], [
  "logits",
  parameter,
  null,
]);

/**
 * Classes 0 to n - 1 by their probabilities, int64.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const policy = new torch.distributions.Categorical({ logits: torch.zeros([2, 4]) });
 * const action = policy.sample(); // [2]
 * const loss = policy.logProb(action).neg().mean();
 * ```
 */
export class Categorical extends Distribution {
  /** Normalized: their sum is 1. */
  readonly probs: Tensor;
  /** Logarithms of the probabilities. */
  readonly logits: Tensor;

  /** @throws {Error} unless one of `probs` and `logits` is given, with at least one dimension */
  constructor(...given: [probs: Tensor] | [CategoricalParameters]) {
    const { probs, logits } = CATEGORICAL.read(given);
    checkOneGiven("Categorical", probs, logits);
    const { shape } = (probs ?? logits)!;
    if (shape.length === 0) {
      throw new Error("Categorical: parameter must be at least one-dimensional, got []");
    }
    super(shape.slice(0, -1));
    if (probs) {
      this.probs = probs.div(probs.sum(-1, { keepdim: true }));
      // As PyTorch: probabilities of 0 and 1 have finite logarithms.
      const { eps } = floatLimits(this.probs.dtype);
      this.logits = this.probs.clamp({ min: eps, max: 1 - eps }).log();
    } else {
      this.logits = logits!.sub(logits!.logsumexp(-1, { keepdim: true }));
      this.probs = this.logits.softmax(-1);
    }
  }

  /** There is none: NaN, as in PyTorch. */
  override get mean(): Tensor {
    return full(this.batchShape, NaN, { dtype: this.probs.dtype });
  }

  /** There is none: NaN, as in PyTorch. */
  override get variance(): Tensor {
    return full(this.batchShape, NaN, { dtype: this.probs.dtype });
  }

  /** The likeliest class. */
  get mode(): Tensor {
    return this.probs.argmax(-1);
  }

  protected override draw(sampleShape: Shape): Tensor {
    const rows = this.probs.reshape(-1, this.probs.shape.at(-1)!);
    const draws = multinomial(rows, sizeOf(sampleShape), { replacement: true });
    return draws.t().reshape(...this.extended(sampleShape));
  }

  override logProb(value: Tensor): Tensor {
    const classes = this.logits.shape.at(-1)!;
    const shape = value.add(this.probs.select(-1, 0).detach().mul(0)).shape;
    const logits = this.logits.expand(...shape, classes);
    return logits.gather(-1, value.to("int64").expand(...shape).unsqueeze(-1)).squeeze(-1);
  }

  override entropy(): Tensor {
    const { max } = floatLimits(this.logits.dtype);
    return this.logits.clamp({ min: -max }).mul(this.probs).sum(-1).neg();
  }
}
