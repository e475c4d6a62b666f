/**
 * What distributions share.
 * @module
 */
import { broadcastShapes, type Shape } from "../../onnx/mod.ts";
import { tensor } from "../creation.ts";
import { noGrad } from "../grad_mode.ts";
import { kinds } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";

/** A number, or one for each element of a batch. */
export type Parameter = number | Tensor;

/** A batch of probability distributions. Follows https://docs.pytorch.org/docs/stable/distributions.html */
export abstract class Distribution {
  /** @param batchShape of the distributions beside each other, @param eventShape of a single draw */
  constructor(readonly batchShape: Shape, readonly eventShape: Shape = []) {}

  abstract get mean(): Tensor;
  abstract get variance(): Tensor;

  /** Root of the variance. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /** Draws without gradients, [...sampleShape, ...batchShape, ...eventShape]. */
  sample(sampleShape: Shape = []): Tensor {
    return noGrad(() => this.draw(sampleShape)).detach();
  }

  /** Draws through which gradients flow to the parameters. @throws {Error} where there is no such way */
  rsample(_sampleShape: Shape = []): Tensor {
    throw new Error(`${this.constructor.name} has no rsample: its draws have no gradients`);
  }

  protected draw(sampleShape: Shape): Tensor {
    return this.rsample(sampleShape);
  }

  /** Logarithm of the density, or probability, of values. */
  abstract logProb(value: Tensor): Tensor;

  /** In nats. */
  abstract entropy(): Tensor;

  /** Shape of so many draws. */
  protected extended(sampleShape: Shape): Shape {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }
}

/** {@linkcode Parameter}, as a parameter of a signature. */
export const parameterKind = kinds.either(kinds.number, tensorKind);

/** Parameters as floating tensors of one shape. */
export function broadcastParameters(...given: Parameter[]): Tensor[] {
  const tensors = given.map((one) =>
    one instanceof Tensor ? one : tensor(one, { dtype: "float32" })
  );
  const shape = tensors.map(({ shape }) => shape).reduce((a, b) =>
    broadcastShapes("distribution", a, b)
  );
  return tensors.map((one) => one.expand(...shape));
}

/** Refuses probabilities together with what a softmax or sigmoid makes them of, and none of the two. */
export function checkOneGiven(name: string, probs?: Tensor | null, logits?: Tensor | null): void {
  if ((probs == null) === (logits == null)) {
    throw new Error(`${name}: either probs or logits must be specified, but not both`);
  }
}
