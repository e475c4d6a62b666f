/**
 * Phases put together again; see window_phases.ts for what they are.
 * @module
 */
import { noFlops } from "../../flops.ts";
import type { Op } from "../../op.ts";

interface JoinAttributes {
  readonly [name: string]: readonly number[] | number;
  /** Sizes of the window, whose elements the joined arrays are, row by row. */
  readonly window: readonly number[];
  readonly block: number;
}

/** Phases put together again: blocked arrays [n, c, P, Q] become one [n, c, P kh, Q kw]. */
export const JOIN_PHASES: Op<JoinAttributes> = {
  name: "JoinPhases",
  traits: ["relayout"],
  infer: ([{ dtype, shape: [n, c, p, q] }], { window: [rows, columns] }) => [
    { dtype, shape: [n, c, p * rows, q * columns] },
  ],
  flops: noFlops,
  lower: (
    writer,
    inputs,
    { window: [rows, columns], block },
    { inputs: [type], outputs: [whole] },
  ) => {
    const [n, c, p, q] = type.shape;
    const join = (names: readonly string[], shape: readonly number[]) => {
      if (names.length === 1) return names[0];
      const parts = names.map((name) => writer.node("Reshape", [name, writer.int64s(shape)]));
      return writer.node("Concat", parts, { attributes: { axis: shape.length - 1 } });
    };
    const blocks = n * c / block;
    const lines = Array.from({ length: rows }, (_, row) => {
      const own = inputs.slice(row * columns, (row + 1) * columns);
      return join(own, [blocks, p, q, block]);
    });
    const joined = join(lines, [blocks, p, q * columns * block]);
    return [writer.node("Reshape", [joined, writer.int64s(whole.shape)])];
  },
};
