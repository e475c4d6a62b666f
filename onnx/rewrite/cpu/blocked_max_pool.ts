/**
 * Maximum pooling as the kernels on blocked channels compute it.
 * @module
 */
import type { Op } from "../../op.ts";
import { writeMaxPool } from "../../ops/nan_pooling.ts";
import { MAX_POOL, onnxAttributes, type PoolAttributes } from "../../ops/pooling.ts";
import { NCHWC_DOMAIN } from "./layout.ts";

/** The pooling of a blocked array; only the maxima. */
export const BLOCKED_MAX_POOL: Op<PoolAttributes> = {
  name: "BlockedMaxPool",
  infer: (inputs, attributes) => MAX_POOL.infer(inputs, attributes).slice(0, 1),
  flops: (inputs, outputs, attributes) => MAX_POOL.flops(inputs, outputs, attributes),
  lower: (writer, [input], attributes, { inputs: [type], outputs: results }) =>
    writeMaxPool(writer, {
      input,
      type,
      options: { domain: NCHWC_DOMAIN, attributes: onnxAttributes(attributes) },
      carriesNaN: !attributes.ignoresNaN,
      withIndices: false,
      results,
    }),
};
