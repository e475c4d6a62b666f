/**
 * Rows of a table put together, bag by bag; and products of two inputs. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { constant, fromHost, showShape } from "../../../onnx/mod.ts";
import { einsum } from "../../ops/products.ts";
import { embedding } from "./embedding.ts";

/** How the rows of a bag become one. */
export type BagMode = "sum" | "mean" | "max";

/** Options of {@linkcode embeddingBag}. */
export interface EmbeddingBagOptions {
  /** Where each bag begins in a vector of indices: a list, or a tensor whose values are computed already. */
  readonly offsets?: readonly number[] | Tensor | null;
  /** "mean" unless given. */
  readonly mode?: BagMode;
  /** What rows are multiplied with, for "sum", of the indices' shape. */
  readonly perSampleWeights?: Tensor | null;
  /** Whether the last offset is where the last bag ends. */
  readonly includeLastOffset?: boolean;
  /** A row that does not count. */
  readonly paddingIdx?: number | null;
}

/** What {@linkcode embeddingBag} takes beside indices and table. */
const BAG = signature(
  "embeddingBag",
  ["offsets", kinds.nullable(kinds.either(kinds.integers, tensorKind)), null],
  "*",
  ["mode", kinds.oneOf("sum", "mean", "max"), "mean"],
  ["perSampleWeights", kinds.nullable(tensorKind), null],
  ["includeLastOffset", kinds.boolean, false],
  ["paddingIdx", kinds.nullable(kinds.integer), null],
);

const BAG_OF = BAG.after(
  ["input", tensorKind],
  ["weight", tensorKind],
);

/**
 * Sum, mean or maximum of the rows of each bag of indices.
 *
 * @param input [bags, indices], or all indices one after the other with `offsets`
 * @returns [bags, width]; 0 for an empty bag
 */
export function embeddingBag(
  ...given: Call<typeof BAG_OF, EmbeddingBagOptions, [input: Tensor, weight: Tensor]>
): Tensor {
  const { input, weight, offsets, mode, perSampleWeights, includeLastOffset, paddingIdx } = BAG_OF
    .read(given);
  if (perSampleWeights && mode !== "sum") {
    throw new Error(
      `embedding_bag: per_sample_weights was not null. per_sample_weights is only supported for mode='sum' (got mode='${mode}').`,
    );
  }
  if (input.ndim === 2 && !offsets) {
    return ofEqualLength(input, weight, mode as BagMode, perSampleWeights, paddingIdx);
  }
  const bags = bagsOf(input, offsets as readonly number[] | Tensor | null, includeLastOffset);
  const flat = input.reshape(-1);
  const padding = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + weight.shape[0] : paddingIdx;
  const rows = embedding(flat, weight, { paddingIdx: padding });
  const counts = padding === null ? null : flat.ne(padding).to(weight.dtype).unsqueeze(1);
  const weighted = perSampleWeights ? rows.mul(perSampleWeights.reshape([-1, 1])) : rows;
  const used = counts && mode !== "max" ? weighted.mul(counts) : weighted;
  const owner = new Tensor(fromHost(BigInt64Array.from(bags.owner, BigInt), [bags.owner.length]));
  const zeros = new Tensor(
    constant(new Array<number>(bags.count * weight.shape[1]).fill(0), weight.dtype, [
      bags.count,
      weight.shape[1],
    ]),
  );
  if (mode === "max") return largest(zeros, owner, used, counts);
  const sums = zeros.indexAdd(0, owner, used);
  if (mode === "sum") return sums;
  const one = counts ?? flat.eq(flat).to(weight.dtype).unsqueeze(1);
  const sizes = zeros.narrow(1, 0, 1).indexAdd(0, owner, one);
  return sums.div(sizes.clamp({ min: 1 }));
}

/** Bags in rows: a fold over one axis. */
function ofEqualLength(
  input: Tensor,
  weight: Tensor,
  mode: BagMode,
  perSampleWeights: Tensor | null,
  paddingIdx: number | null,
): Tensor {
  const rows = embedding(input, weight, { paddingIdx });
  const weighted = perSampleWeights ? rows.mul(perSampleWeights.unsqueeze(2)) : rows;
  if (paddingIdx === null) {
    return mode === "sum" ? weighted.sum(1) : mode === "mean" ? weighted.mean(1) : weighted.amax(1);
  }
  const padding = paddingIdx < 0 ? paddingIdx + weight.shape[0] : paddingIdx;
  const counts = input.ne(padding).unsqueeze(2);
  if (mode === "max") {
    const best = weighted.maskedFill(counts.logicalNot(), -Infinity).amax(1);
    return best.maskedFill(best.detach().eq(-Infinity), 0);
  }
  const values = counts.to(weight.dtype);
  const total = weighted.mul(values).sum(1);
  return mode === "sum" ? total : total.div(values.sum(1).clamp({ min: 1 }));
}

function largest(zeros: Tensor, owner: Tensor, rows: Tensor, counts: Tensor | null): Tensor {
  const seen = counts ? rows.maskedFill(counts.eq(0), -Infinity) : rows;
  const best = zeros.indexReduce(0, owner, seen, "amax", { includeSelf: false });
  return best.maskedFill(best.detach().eq(-Infinity), 0);
}

function bagsOf(input: Tensor, offsets: readonly number[] | Tensor | null, includeLast: boolean) {
  if (input.ndim === 2) {
    throw new Error(
      `if input is 2D, then offsets has to be null, as input is treated is a mini-batch of fixed length sequences. However, found offsets`,
    );
  }
  if (input.ndim !== 1) {
    throw new Error(
      `input has to be a 1D or 2D Tensor, but got Tensor of shape ${showShape(input.shape)}`,
    );
  }
  if (!offsets) throw new Error("offsets has to be a 1D Tensor but got null");
  if (offsets instanceof Tensor && !offsets.array.isOnHost) {
    throw new Error("embeddingBag: offsets are not computed yet; await offsets.data() first");
  }
  const starts = offsets instanceof Tensor
    ? Array.from(offsets.array.buffer.data, Number)
    : [...offsets];
  if (starts[0] !== 0) {
    throw new Error(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${
        starts[0]
      }`,
    );
  }
  const count = starts.length - (includeLast ? 1 : 0);
  const owner = Array.from(
    { length: input.shape[0] },
    (_, i) => starts.slice(0, count).findLastIndex((start) => start <= i),
  );
  return { count, owner };
}

const BILINEAR = signature("bilinear", ["input1", tensorKind], ["input2", tensorKind], [
  "weight",
  tensorKind,
], ["bias", kinds.nullable(tensorKind), null]);

/** x1 A x2 + b for each output's matrix A [outputs, features1, features2]. */
export function bilinear(
  ...given: Call<
    typeof BILINEAR,
    { readonly bias?: Tensor | null },
    [input1: Tensor, input2: Tensor, weight: Tensor]
  >
): Tensor {
  const { input1, input2, weight, bias } = BILINEAR.read(given);
  const fits = weight.ndim === 3 && input1.shape.at(-1) === weight.shape[1] &&
    input2.shape.at(-1) === weight.shape[2];
  if (!fits) {
    throw new Error(
      `bilinear(): input sizes do not match weight size: got ${showShape(input1.shape)} and ${
        showShape(input2.shape)
      } for ${showShape(weight.shape)}`,
    );
  }
  const product = einsum("...i,oij,...j->...o", [input1, weight, input2]);
  return bias ? product.add(bias) : product;
}
