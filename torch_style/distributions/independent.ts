/** Distributions whose batch dimensions count as one event. @module */
import { type Shape, showShape } from "../../onnx/mod.ts";
import { kinds, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";
import { Distribution } from "./distribution.ts";

const INDEPENDENT = signature(
  "Independent",
  [
    "base",
    kinds.instance<Distribution>("a distribution", Distribution),
  ],
  ["reinterpretedBatchNdims", kinds.integer],
);

/** Distributions beside each other as one: its density is their product. */
export class Independent extends Distribution {
  readonly base: Distribution;
  readonly #joined: number;

  /** @param reinterpretedBatchNdims how many of the last batch dimensions become one event */
  constructor(...given: [base: Distribution, reinterpretedBatchNdims: number]) {
    const { base, reinterpretedBatchNdims: joined } = INDEPENDENT.read(given);
    const { batchShape, eventShape } = base;
    if (joined < 0 || joined > batchShape.length) {
      throw new Error(
        `Independent: reinterpretedBatchNdims is ${joined}, expected 0 to ${batchShape.length} for a batch of ${
          showShape(batchShape)
        }`,
      );
    }
    const at = batchShape.length - joined;
    super(batchShape.slice(0, at), [...batchShape.slice(at), ...eventShape]);
    this.base = base;
    this.#joined = joined;
  }

  override get mean(): Tensor {
    return this.base.mean;
  }

  override get variance(): Tensor {
    return this.base.variance;
  }

  override sample(sampleShape: Shape = []): Tensor {
    return this.base.sample(sampleShape);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.base.rsample(sampleShape);
  }

  override logProb(value: Tensor): Tensor {
    return this.#sum(this.base.logProb(value));
  }

  override entropy(): Tensor {
    return this.#sum(this.base.entropy());
  }

  #sum(x: Tensor): Tensor {
    if (this.#joined === 0) return x;
    return x.sum(Array.from({ length: this.#joined }, (_, i) => -1 - i));
  }
}
