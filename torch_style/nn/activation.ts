/**
 * Activations made of straight pieces, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
 * @module
 */
import { full } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import * as functional from "./functional/activation.ts";
import type { InPlaceOption } from "./functional/in_place.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { floatText } from "./python_text.ts";

/** An activation that can overwrite its input; what it is made with is printed before that. */
export abstract class InPlaceActivation extends Module<[Tensor]> {
  /** Whether the input is overwritten. */
  readonly inplace: boolean;

  constructor(options: InPlaceOption = {}) {
    super();
    this.inplace = options.inplace ?? false;
  }

  /** Printed arguments other than `inplace`. */
  protected argumentsText(): string[] {
    return [];
  }

  override extraRepr(): string {
    return [...this.argumentsText(), ...(this.inplace ? ["inplace=True"] : [])].join(", ");
  }
}

/** max(x, 0) */
export class ReLU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.relu(input, this);
  }
}

/** min(max(x, 0), 6) */
export class ReLU6 extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.relu6(input, this);
  }
}

/** x where positive, else `negativeSlope` x */
export class LeakyReLU extends InPlaceActivation {
  constructor(readonly negativeSlope = 0.01, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.leakyRelu(input, this.negativeSlope, this);
  }
  protected override argumentsText(): string[] {
    return [`negative_slope=${floatText(this.negativeSlope)}`];
  }
}

/** Leaky relu with a learned slope: one for all, or one a channel (axis 1). */
export class PReLU extends Module<[Tensor]> {
  weight: Parameter;

  /**
   * @param numParameters 1, or the number of channels
   * @param options.init first value of the slopes, 0.25 unless given
   */
  constructor(readonly numParameters = 1, options: { readonly init?: number } = {}) {
    super();
    this.weight = new Parameter(full([numParameters], options.init ?? 0.25));
  }
  override forward(input: Tensor): Tensor {
    return functional.prelu(input, this.weight);
  }
  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

/** Leaky relu with random slopes from [lower, upper) while training. */
export class RReLU extends InPlaceActivation {
  constructor(readonly lower = 1 / 8, readonly upper = 1 / 3, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.rrelu(input, this.lower, this.upper, this.training, this);
  }
  protected override argumentsText(): string[] {
    return [`lower=${floatText(this.lower)}`, `upper=${floatText(this.upper)}`];
  }
}

/** x kept between `minVal` and `maxVal` */
export class Hardtanh extends InPlaceActivation {
  constructor(readonly minVal = -1, readonly maxVal = 1, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.hardtanh(input, this.minVal, this.maxVal, this);
  }
  protected override argumentsText(): string[] {
    return [`min_val=${floatText(this.minVal)}`, `max_val=${floatText(this.maxVal)}`];
  }
}

/** min(max(x + 3, 0), 6) / 6 */
export class Hardsigmoid extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.hardsigmoid(input, this);
  }
  override extraRepr(): string {
    return "";
  }
}

/** x min(max(x + 3, 0), 6) / 6 */
export class Hardswish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.hardswish(input, this);
  }
  override extraRepr(): string {
    return "";
  }
}

/** x where it is greater than the threshold, else `value` */
export class Threshold extends InPlaceActivation {
  constructor(readonly threshold: number, readonly value: number, options: InPlaceOption = {}) {
    super(options);
  }
  override forward(input: Tensor): Tensor {
    return functional.threshold(input, this.threshold, this.value, this);
  }
  protected override argumentsText(): string[] {
    return [`threshold=${floatText(this.threshold)}`, `value=${floatText(this.value)}`];
  }
}

/** x moved towards 0 by `lambd` */
export class Softshrink extends Module<[Tensor]> {
  constructor(readonly lambd = 0.5) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return functional.softshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return floatText(this.lambd);
  }
}

/** x, but 0 where it lies within `lambd` of 0 */
export class Hardshrink extends Module<[Tensor]> {
  constructor(readonly lambd = 0.5) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return functional.hardshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return floatText(this.lambd);
  }
}
