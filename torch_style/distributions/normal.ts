/** The normal distribution. @module */
import type { Shape } from "../../onnx/mod.ts";
import { signature } from "../arguments.ts";
import { randn } from "../random_creation.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastParameters,
  Distribution,
  type Parameter,
  parameterKind,
} from "./distribution.ts";

const NORMAL = signature("Normal", ["loc", parameterKind], ["scale", parameterKind]);

/**
 * Normal distributions.
 *
 * @param loc means, @param scale standard deviations, above 0
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const { Normal } = torch.distributions;
 * const mu = torch.zeros([3], { requiresGrad: true });
 * const z = new Normal(mu, torch.ones(3)).rsample(); // Gradients flow to mu.
 * console.log(new Normal(0, 1).logProb(z).shape); // [3]
 * ```
 */
export class Normal extends Distribution {
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(
    ...given: [loc: Parameter, scale: Parameter] | [
      { readonly loc: Parameter; readonly scale: Parameter },
    ]
  ) {
    const read = NORMAL.read(given);
    const [loc, scale] = broadcastParameters(read.loc, read.scale);
    super(loc.shape);
    this.loc = loc;
    this.scale = scale;
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scale.square();
  }

  override get stddev(): Tensor {
    return this.scale;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return randn(this.extended(sampleShape), { dtype: this.loc.dtype }).mul(this.scale).add(
      this.loc,
    );
  }

  override logProb(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    return z.square().mul(-0.5).sub(this.scale.log()).sub(0.5 * Math.log(2 * Math.PI));
  }

  override entropy(): Tensor {
    return this.scale.log().add(0.5 + 0.5 * Math.log(2 * Math.PI));
  }

  /** How likely a draw is to be at most a value. */
  cdf(value: Tensor): Tensor {
    return value.sub(this.loc).div(this.scale.mul(Math.SQRT2)).erf().add(1).mul(0.5);
  }

  /** The value that a share of draws is at most. */
  icdf(share: Tensor): Tensor {
    return share.mul(2).sub(1).erfinv().mul(this.scale.mul(Math.SQRT2)).add(this.loc);
  }
}
