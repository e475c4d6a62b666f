/**
 * Batch normalization of matrices where a provider takes the wrong axis for their channels.
 * @module
 */
import { applyOp } from "../../op.ts";
import { reshape } from "../../ops/broadcast.ts";
import { BATCH_NORMALIZATION } from "../../ops/normalization.ts";
import { node, rule } from "../pattern.ts";

/** [n, channels] as lines of one element: [n, channels, 1]. */
export const normalizedAsLine = rule(
  node(BATCH_NORMALIZATION),
  ({ root: { op, inputs: [x, ...perChannel], attributes } }) => {
    if (x.shape.length !== 2) return undefined;
    const [line] = applyOp(op, [reshape(x, [...x.shape, 1]), ...perChannel], attributes);
    return [reshape(line, x.shape)];
  },
);
