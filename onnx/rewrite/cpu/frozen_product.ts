/**
 * Products of few rows with a frozen matrix: as a convolution of one element on blocked channels, which reads the matrix once as
 * it lies. As a matrix product it would be laid out anew at every call, which takes longer than so few rows: 190 to 260
 * microseconds for [4, 512] by [512, 2048], on one core, against 100.
 * @module
 */
import { FROZEN } from "./costs.ts";
import { applyOp } from "../../op.ts";
import { reshape } from "../../ops/broadcast.ts";
import { MATMUL } from "../../ops/linear_algebra.ts";
import { transpose } from "../../ops/movement.ts";
import { isFrozen } from "../frozen.ts";
import { node, type Rule, rule } from "../pattern.ts";
import { BLOCKED_CONV, filtersInBlocks, NOTHING_MORE } from "./convolution.ts";
import { blocked, unblocked } from "./layout.ts";

const ONE_ELEMENT = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };

/** Products of two matrices, the second frozen, with a bias or without. */
export function frozenProduct(block: number): Rule {
  return rule(node(MATMUL), ({ root: { inputs: [a, b, ...bias], attributes } }) => {
    const { transA, transB } = attributes;
    if (a.shape.length !== 2 || b.shape.length !== 2 || transA || !isFrozen(b)) return undefined;
    const [rows, inner] = a.shape;
    const columns = b.shape[transB ? 0 : 1];
    const fits = a.dtype === "float32" && Math.min(rows, inner, columns) > 0 &&
      rows <= FROZEN.mostRows && inner % block === 0 && columns % block === 0;
    if (!fits) return undefined;
    const filters = reshape(transB ? b : transpose(b, [1, 0]), [columns, inner, 1, 1]);
    // Rows are the elements of one image.
    const image = transpose(reshape(a, [1, rows, 1, inner]), [0, 3, 1, 2]);
    const inputs = [blocked(image), filtersInBlocks(filters, block), ...bias];
    const [y] = applyOp(BLOCKED_CONV, inputs, { ...ONE_ELEMENT, ...NOTHING_MORE });
    return [reshape(unblocked(y, true), [rows, columns])];
  });
}
