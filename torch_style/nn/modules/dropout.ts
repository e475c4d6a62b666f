/**
 * Modules that drop elements or channels while training.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import {
  alphaDropout,
  checkProbability,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from "../functional/dropout.ts";
import type { InPlaceOption } from "../functional/in_place.ts";
import { Module } from "./module.ts";
import { boolText, floatText } from "../python_text.ts";

const DROPOUT = signature("Dropout", ["p", kinds.number, 0.5], ["inplace", kinds.boolean, false]);

abstract class DropoutBase extends Module<[Tensor]> {
  /** Whether the input is overwritten. */
  readonly inplace: boolean;

  /** Probability of dropping. */
  readonly p: number;

  /** @throws {Error} if p is no probability. */
  constructor(...given: Call<typeof DROPOUT, { readonly p?: number } & InPlaceOption>) {
    super();
    const { p, inplace } = DROPOUT.named(new.target.name).read(given);
    checkProbability(p);
    this.p = p;
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return `p=${floatText(this.p)}, inplace=${boolText(this.inplace)}`;
  }
}

/**
 * Sets elements to zero with probability p and scales the others by 1 / (1 - p).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return dropout(input, this.p, this.training, { inplace: this.inplace });
  }
}

/** Drops whole rows of [n, c, l]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html */
export class Dropout1d extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return dropout1d(input, this.p, this.training, { inplace: this.inplace });
  }
}

/**
 * Drops whole channels of [n, c, h, w], or of [n, c, l] with a warning.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 */
export class Dropout2d extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return dropout2d(input, this.p, this.training, { inplace: this.inplace });
  }
}

/** Drops whole channels of [n, c, d, h, w]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html */
export class Dropout3d extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return dropout3d(input, this.p, this.training, { inplace: this.inplace });
  }
}

/**
 * Dropout that keeps mean and variance of what SELU gave.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 */
export class AlphaDropout extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return alphaDropout(input, this.p, this.training);
  }
}

/**
 * {@linkcode AlphaDropout} of whole channels of [n, c, ...].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 */
export class FeatureAlphaDropout extends DropoutBase {
  override forward(input: Tensor): Tensor {
    return featureAlphaDropout(input, this.p, this.training);
  }
}
