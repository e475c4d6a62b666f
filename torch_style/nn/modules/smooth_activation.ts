/**
 * Activations made of exponentials, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import { InPlaceActivation } from "./activation.ts";
import type { InPlaceOption } from "../functional/in_place.ts";
import * as functional from "../functional/smooth_activation.ts";
import * as softmax from "../functional/softmax.ts";
import { Module } from "./module.ts";
import { floatText } from "../python_text.ts";

const NOTHING = signature("Activation");

/** An activation that takes no arguments. */
abstract class PlainActivation extends Module<[Tensor]> {
  constructor(...given: []) {
    super();
    NOTHING.named(new.target.name).read(given);
  }
}

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return functional.sigmoid(input);
  }
}

/** log(sigmoid(x)) */
export class LogSigmoid extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return functional.logsigmoid(input);
  }
}

/** Hyperbolic tangent */
export class Tanh extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return functional.tanh(input);
  }
}

/** x - tanh(x) */
export class Tanhshrink extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return functional.tanhshrink(input);
  }
}

/** x / (1 + |x|) */
export class Softsign extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return functional.softsign(input);
  }
}

const SOFTPLUS = signature("Softplus", ["beta", kinds.number, 1], ["threshold", kinds.number, 20]);

/** log(1 + exp(beta x)) / beta */
export class Softplus extends Module<[Tensor]> {
  readonly beta: number;
  readonly threshold: number;

  constructor(
    ...given: Call<typeof SOFTPLUS, { readonly beta?: number; readonly threshold?: number }>
  ) {
    const { beta, threshold } = SOFTPLUS.read(given);
    super();
    this.beta = beta;
    this.threshold = threshold;
  }
  override forward(input: Tensor): Tensor {
    return functional.softplus(input, this.beta, this.threshold);
  }
  override extraRepr(): string {
    return `beta=${floatText(this.beta)}, threshold=${floatText(this.threshold)}`;
  }
}

const ELU_ARGUMENTS = signature("ELU", ["alpha", kinds.number, 1], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where positive, else alpha (exp(x) - 1) */
export class ELU extends InPlaceActivation {
  readonly alpha: number;

  constructor(...given: Call<typeof ELU_ARGUMENTS, { readonly alpha?: number } & InPlaceOption>) {
    const { alpha, ...options } = ELU_ARGUMENTS.read(given);
    super(options);
    this.alpha = alpha;
  }
  override forward(input: Tensor): Tensor {
    return functional.elu(input, this.alpha, { inplace: this.inplace });
  }
  protected override argumentsText(): string[] {
    return [`alpha=${floatText(this.alpha)}`];
  }
}

const CELU_ARGUMENTS = signature("CELU", ["alpha", kinds.number, 1], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where positive, else alpha (exp(x / alpha) - 1) */
export class CELU extends InPlaceActivation {
  readonly alpha: number;

  constructor(...given: Call<typeof CELU_ARGUMENTS, { readonly alpha?: number } & InPlaceOption>) {
    const { alpha, ...options } = CELU_ARGUMENTS.read(given);
    super(options);
    this.alpha = alpha;
  }
  override forward(input: Tensor): Tensor {
    return functional.celu(input, this.alpha, { inplace: this.inplace });
  }
  protected override argumentsText(): string[] {
    return [`alpha=${floatText(this.alpha)}`];
  }
}

/** The self-normalizing unit */
export class SELU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.selu(input, { inplace: this.inplace });
  }
}

/** x sigmoid(x) */
export class SiLU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.silu(input, { inplace: this.inplace });
  }
}

/** x tanh(softplus(x)) */
export class Mish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.mish(input, { inplace: this.inplace });
  }
}

const GELU_ARGUMENTS = signature("GELU", [
  "approximate",
  kinds.oneOf("none", "tanh"),
  undefined,
]);

/** x times the share of the normal distribution below x */
export class GELU extends Module<[Tensor]> {
  readonly approximate: functional.GeluApproximation;

  constructor(
    ...given: Call<typeof GELU_ARGUMENTS, { readonly approximate?: functional.GeluApproximation }>
  ) {
    const { ...options } = GELU_ARGUMENTS.read(given);
    super();
    this.approximate = options.approximate ?? "none";
  }
  override forward(input: Tensor): Tensor {
    return functional.gelu(input, { approximate: this.approximate });
  }
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

const GLU_ARGUMENTS = signature("GLU", ["dim", kinds.integer, -1]);

/** The first half of an axis times the sigmoid of the second */
export class GLU extends Module<[Tensor]> {
  readonly dim: number;

  constructor(...given: Call<typeof GLU_ARGUMENTS, { readonly dim?: number }>) {
    const { dim } = GLU_ARGUMENTS.read(given);
    super();
    this.dim = dim;
  }
  override forward(input: Tensor): Tensor {
    return functional.glu(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

const SOFTMAX = signature("Softmax", ["dim", kinds.integer]);

/** Exponentials along an axis that sum to 1 */
export class Softmax extends Module<[Tensor]> {
  readonly dim: number;

  constructor(...given: Call<typeof SOFTMAX, Record<never, never>, [dim: number]>) {
    const { dim } = SOFTMAX.read(given);
    super();
    this.dim = dim;
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
export class Softmax2d extends PlainActivation {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new Error(`Softmax2d: expected input to be 3D or 4D, got ${input.ndim}D instead`);
    }
    return softmax.softmax(input, -3);
  }
}
