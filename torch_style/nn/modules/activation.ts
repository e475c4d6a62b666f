/**
 * Activations made of straight pieces, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { full } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import * as functional from "../functional/activation.ts";
import type { InPlaceOption } from "../functional/in_place.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { floatText } from "../python_text.ts";

const ACTIVATION = signature("Activation", ["inplace", kinds.boolean, false]);

/** An activation that can overwrite its input; what it is made with is printed before that. */
export abstract class InPlaceActivation extends Module<[Tensor]> {
  /** Whether the input is overwritten. */
  readonly inplace: boolean;

  constructor(...given: Call<typeof ACTIVATION, InPlaceOption>) {
    super();
    this.inplace = ACTIVATION.named(new.target.name).read(given).inplace;
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
    return functional.relu(input, { inplace: this.inplace });
  }
}

/** min(max(x, 0), 6) */
export class ReLU6 extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.relu6(input, { inplace: this.inplace });
  }
}

const LEAKY_RE_LU = signature("LeakyReLU", ["negativeSlope", kinds.number, 0.01], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where positive, else `negativeSlope` x */
export class LeakyReLU extends InPlaceActivation {
  readonly negativeSlope: number;

  constructor(
    ...given: Call<typeof LEAKY_RE_LU, { readonly negativeSlope?: number } & InPlaceOption>
  ) {
    const { negativeSlope, ...options } = LEAKY_RE_LU.read(given);
    super(options);
    this.negativeSlope = negativeSlope;
  }
  override forward(input: Tensor): Tensor {
    return functional.leakyRelu(input, this.negativeSlope, { inplace: this.inplace });
  }
  protected override argumentsText(): string[] {
    return [`negative_slope=${floatText(this.negativeSlope)}`];
  }
}

const PRE_LU = signature("PReLU", ["numParameters", kinds.number, 1], [
  "init",
  kinds.number,
  undefined,
]);

/** Leaky relu with a learned slope: one for all, or one a channel (axis 1). */
export class PReLU extends Module<[Tensor]> {
  weight: Parameter;

  readonly numParameters: number;

  /**
   * @param numParameters 1, or the number of channels
   * @param options.init first value of the slopes, 0.25 unless given
   */
  constructor(
    ...given: Call<typeof PRE_LU, { readonly numParameters?: number } & { readonly init?: number }>
  ) {
    const { numParameters, ...options } = PRE_LU.read(given);
    super();
    this.numParameters = numParameters;
    this.weight = new Parameter(full([numParameters], options.init ?? 0.25));
  }
  override forward(input: Tensor): Tensor {
    return functional.prelu(input, this.weight);
  }
  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

const RRE_LU = signature("RReLU", ["lower", kinds.number, 1 / 8], ["upper", kinds.number, 1 / 3], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** Leaky relu with random slopes from [lower, upper) while training. */
export class RReLU extends InPlaceActivation {
  readonly lower: number;
  readonly upper: number;

  constructor(
    ...given: Call<
      typeof RRE_LU,
      { readonly lower?: number; readonly upper?: number } & InPlaceOption
    >
  ) {
    const { lower, upper, ...options } = RRE_LU.read(given);
    super(options);
    this.lower = lower;
    this.upper = upper;
  }
  override forward(input: Tensor): Tensor {
    return functional.rrelu(input, this.lower, this.upper, this.training, {
      inplace: this.inplace,
    });
  }
  protected override argumentsText(): string[] {
    return [`lower=${floatText(this.lower)}`, `upper=${floatText(this.upper)}`];
  }
}

const HARDTANH = signature("Hardtanh", ["minVal", kinds.number, -1], ["maxVal", kinds.number, 1], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x kept between `minVal` and `maxVal` */
export class Hardtanh extends InPlaceActivation {
  readonly minVal: number;
  readonly maxVal: number;

  constructor(
    ...given: Call<
      typeof HARDTANH,
      { readonly minVal?: number; readonly maxVal?: number } & InPlaceOption
    >
  ) {
    const { minVal, maxVal, ...options } = HARDTANH.read(given);
    super(options);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }
  override forward(input: Tensor): Tensor {
    return functional.hardtanh(input, this.minVal, this.maxVal, { inplace: this.inplace });
  }
  protected override argumentsText(): string[] {
    return [`min_val=${floatText(this.minVal)}`, `max_val=${floatText(this.maxVal)}`];
  }
}

/** min(max(x + 3, 0), 6) / 6 */
export class Hardsigmoid extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.hardsigmoid(input, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return "";
  }
}

/** x min(max(x + 3, 0), 6) / 6 */
export class Hardswish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return functional.hardswish(input, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return "";
  }
}

const THRESHOLD = signature("Threshold", ["threshold", kinds.number], ["value", kinds.number], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where it is greater than the threshold, else `value` */
export class Threshold extends InPlaceActivation {
  readonly threshold: number;
  readonly value: number;

  constructor(...given: Call<typeof THRESHOLD, InPlaceOption, [threshold: number, value: number]>) {
    const { threshold, value, ...options } = THRESHOLD.read(given);
    super(options);
    this.threshold = threshold;
    this.value = value;
  }
  override forward(input: Tensor): Tensor {
    return functional.threshold(input, this.threshold, this.value, { inplace: this.inplace });
  }
  protected override argumentsText(): string[] {
    return [`threshold=${floatText(this.threshold)}`, `value=${floatText(this.value)}`];
  }
}

const SOFTSHRINK = signature("Softshrink", ["lambd", kinds.number, 0.5]);

/** x moved towards 0 by `lambd` */
export class Softshrink extends Module<[Tensor]> {
  readonly lambd: number;

  constructor(...given: Call<typeof SOFTSHRINK, { readonly lambd?: number }>) {
    const { lambd } = SOFTSHRINK.read(given);
    super();
    this.lambd = lambd;
  }
  override forward(input: Tensor): Tensor {
    return functional.softshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return floatText(this.lambd);
  }
}

const HARDSHRINK = signature("Hardshrink", ["lambd", kinds.number, 0.5]);

/** x, but 0 where it lies within `lambd` of 0 */
export class Hardshrink extends Module<[Tensor]> {
  readonly lambd: number;

  constructor(...given: Call<typeof HARDSHRINK, { readonly lambd?: number }>) {
    const { lambd } = HARDSHRINK.read(given);
    super();
    this.lambd = lambd;
  }
  override forward(input: Tensor): Tensor {
    return functional.hardshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return floatText(this.lambd);
  }
}
