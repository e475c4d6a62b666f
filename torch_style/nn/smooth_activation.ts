/**
 * Activations made of exponentials, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
 * @module
 */
import type { Tensor } from "../tensor.ts";
import { InPlaceActivation } from "./activation.ts";
import type { InPlaceOption } from "./functional/in_place.ts";
import * as functional from "./functional/smooth_activation.ts";
import * as softmax from "./functional/softmax.ts";
import { Module } from "./module.ts";
import { floatText } from "./python_text.ts";

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    return functional.sigmoid(input);
  }
}

/** log(sigmoid(x)) */
export class LogSigmoid extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    return functional.logsigmoid(input);
  }
}

/** Hyperbolic tangent */
export class Tanh extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    return functional.tanh(input);
  }
}

/** x - tanh(x) */
export class Tanhshrink extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    return functional.tanhshrink(input);
  }
}

/** x / (1 + |x|) */
export class Softsign extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    return functional.softsign(input);
  }
}

/** log(1 + exp(beta x)) / beta */
export class Softplus extends Module<[Tensor]> {
  constructor(readonly beta = 1, readonly threshold = 20) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return functional.softplus(input, this.beta, this.threshold);
  }
  override extraRepr(): string {
    return `beta=${floatText(this.beta)}, threshold=${floatText(this.threshold)}`;
  }
}

/** x where positive, else alpha (exp(x) - 1) */
export class ELU extends InPlaceActivation {
  constructor(readonly alpha = 1, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.elu(input, this.alpha, this);
  }
  protected override argumentsText(): string[] {
    return [`alpha=${floatText(this.alpha)}`];
  }
}

/** x where positive, else alpha (exp(x / alpha) - 1) */
export class CELU extends InPlaceActivation {
  constructor(readonly alpha = 1, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.celu(input, this.alpha, this);
  }
  protected override argumentsText(): string[] {
    return [`alpha=${floatText(this.alpha)}`];
  }
}

/** The self-normalizing unit */
export class SELU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.selu(input, this);
  }
}

/** x sigmoid(x) */
export class SiLU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.silu(input, this);
  }
}

/** x tanh(softplus(x)) */
export class Mish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.mish(input, this);
  }
}

/** x times the share of the normal distribution below x */
export class GELU extends Module<[Tensor]> {
  readonly approximate: functional.GeluApproximation;

  constructor(options: { readonly approximate?: functional.GeluApproximation } = {}) {
    super();
    this.approximate = options.approximate ?? "none";
  }
  override forward(input: Tensor): Tensor {
    return functional.gelu(input, this);
  }
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** The first half of an axis times the sigmoid of the second */
export class GLU extends Module<[Tensor]> {
  constructor(readonly dim = -1) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return functional.glu(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Exponentials along an axis that sum to 1 */
export class Softmax extends Module<[Tensor]> {
  constructor(readonly dim: number) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return softmax.softmax(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Softmax of -x */
export class Softmin extends Softmax {
  override forward(input: Tensor): Tensor {
    return softmax.softmin(input, this.dim);
  }
}

/** Logarithm of softmax */
export class LogSoftmax extends Softmax {
  override forward(input: Tensor): Tensor {
    return softmax.logSoftmax(input, this.dim);
  }
}

/** Softmax over the channels of [n, c, h, w] or [c, h, w] */
export class Softmax2d extends Module<[Tensor]> {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new Error(`Softmax2d: expected input to be 3D or 4D, got ${input.ndim}D instead`);
    }
    return softmax.softmax(input, -3);
  }
}
