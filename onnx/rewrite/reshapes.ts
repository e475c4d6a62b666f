/**
 * Reshapes that follow each other: only the last one counts, and none does if the first shape comes back.
 * @module
 */
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import type { Shape } from "../shape.ts";
import type { LocalRule } from "./rule.ts";

/** Rewrites reshape(reshape(x)). */
export const mergeReshapes: LocalRule = (op, [x], attributes) => {
  const isSecond = op.name === RESHAPE.name && x.node?.op.name === RESHAPE.name;
  return isSecond ? [reshape(x.node!.inputs[0], attributes.shape as Shape)] : undefined;
};
