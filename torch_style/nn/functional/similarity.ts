/**
 * How near vectors are to each other. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#distance-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, ops, showShape } from "../../../onnx/mod.ts";
import { distances } from "../../ops/products.ts";
import { apply } from "../../autograd/apply.ts";

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineOptions {
  /** The axis of the vectors, 1 unless given. */
  readonly dim?: number;
  /** Smallest norm, 1e-8 unless given. */
  readonly eps?: number;
}

/** What {@linkcode cosineSimilarity} takes beside the vectors. */
export const COSINE = signature("cosineSimilarity", ["dim", kinds.integer, 1], [
  "eps",
  kinds.number,
  1e-8,
]);

const COSINE_OF = COSINE.after(
  ["x1", tensorKind],
  ["x2", tensorKind],
);

/** The cosine of the angle between vectors, -1 to 1; both are broadcast. */
export function cosineSimilarity(
  ...given: Call<typeof COSINE_OF, CosineOptions, [x1: Tensor, x2: Tensor]>
): Tensor {
  const { x1, x2, dim, eps } = COSINE_OF.read(given);
  return apply("CosineSimilarity", [x1, x2], ([a, b]) => {
    const rank = Math.max(a.shape.length, b.shape.length);
    // Counted from the back, so that it is one axis for both.
    const options = { axes: dim < 0 ? dim : dim - rank, keepDims: true };
    const norm = (x: typeof a) => {
      const square = ops.sum(ops.mul(x, x), options);
      return ops.sqrt(ops.maximum(square, constant(eps * eps, x.dtype)));
    };
    const product = ops.mul(ops.div(a, norm(a)), ops.div(b, norm(b)));
    return ops.sum(product, { axes: options.axes });
  });
}

/** Options of {@linkcode pairwiseDistance}. */
export interface PairwiseOptions {
  /** Which norm, 2 unless given. */
  readonly p?: number;
  /** Added to the difference, 1e-6 unless given. */
  readonly eps?: number;
  /** Whether the axis stays, with size 1. */
  readonly keepdim?: boolean;
}

/** What {@linkcode pairwiseDistance} takes beside the vectors. */
export const PAIRWISE = signature(
  "pairwiseDistance",
  ["p", kinds.number, 2],
  ["eps", kinds.number, 1e-6],
  ["keepdim", kinds.boolean, false],
);

const PAIRWISE_OF = PAIRWISE.after(
  ["x1", tensorKind],
  ["x2", tensorKind],
);

/** The p-norm of the difference of vectors along the last axis. */
export function pairwiseDistance(
  ...given: Call<typeof PAIRWISE_OF, PairwiseOptions, [x1: Tensor, x2: Tensor]>
): Tensor {
  const { x1, x2, p, eps, keepdim } = PAIRWISE_OF.read(given);
  return x1.sub(x2).add(eps).norm(p, -1, { keepdim });
}

const PDIST = signature("pdist", ["input", tensorKind], ["p", kinds.number, 2]);

/** The distances of all pairs of rows of a matrix: of row 0 and 1, 0 and 2, ..., 1 and 2, ... */
export function pdist(
  ...given: Call<typeof PDIST, { readonly p?: number }, [input: Tensor]>
): Tensor {
  const { input, p } = PDIST.read(given);
  if (input.ndim !== 2) {
    throw new Error(`pdist only supports 2D tensors, got: ${showShape(input.shape)}`);
  }
  const [n] = input.shape;
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  const rows = (which: 0 | 1) => {
    const indices = constant(pairs.map((pair) => pair[which]), "int64", [pairs.length]);
    return apply("IndexSelect", [input], ([x]) => ops.gather(x, indices, 0));
  };
  return distances(rows(0).sub(rows(1)), p);
}
