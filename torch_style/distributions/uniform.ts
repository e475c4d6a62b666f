/** The uniform distribution. @module */
import type { Shape } from "../../onnx/mod.ts";
import { signature } from "../arguments.ts";
import { rand } from "../random_creation.ts";
import { where } from "../ops/elementwise.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastParameters,
  Distribution,
  type Parameter,
  parameterKind,
} from "./distribution.ts";

const UNIFORM = signature("Uniform", ["low", parameterKind], ["high", parameterKind]);

/** Uniform distributions over [low, high). */
export class Uniform extends Distribution {
  readonly low: Tensor;
  readonly high: Tensor;

  constructor(
    ...given: [low: Parameter, high: Parameter] | [
      { readonly low: Parameter; readonly high: Parameter },
    ]
  ) {
    const read = UNIFORM.read(given);
    const [low, high] = broadcastParameters(read.low, read.high);
    super(low.shape);
    this.low = low;
    this.high = high;
  }

  override get mean(): Tensor {
    return this.low.add(this.high).mul(0.5);
  }

  override get variance(): Tensor {
    return this.high.sub(this.low).square().div(12);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const draws = rand(this.extended(sampleShape), { dtype: this.low.dtype });
    return draws.mul(this.high.sub(this.low)).add(this.low);
  }

  override logProb(value: Tensor): Tensor {
    const isInside = value.ge(this.low).logicalAnd(value.lt(this.high));
    return where(isInside, this.entropy().neg(), -Infinity);
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }

  /** How likely a draw is to be at most a value. */
  cdf(value: Tensor): Tensor {
    return value.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }
}
