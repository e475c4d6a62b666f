/**
 * The different elements of a tensor. Each function follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods } from "../methods.ts";
import { tensor } from "../creation.ts";

/** Options of {@linkcode unique} and {@linkcode uniqueConsecutive}. */
export interface UniqueOptions {
  /** Also say which of the results each element is. */
  readonly returnInverse?: boolean;
  /** Also say how often each result occurs. */
  readonly returnCounts?: boolean;
  /** Compare whole entries of this axis; single elements unless given. */
  readonly dim?: number | null;
}

/** Options of {@linkcode unique}. */
export interface SortedUniqueOptions extends UniqueOptions {
  /** In order, which they always are here. */
  readonly sorted?: boolean;
}

/** The different elements; with what else was asked for, `[output, inverse, counts]` without what was not. */
type Unique<Options> = {
  (input: Tensor, options: Options & { readonly returnInverse: true }): Promise<Tensor[]>;
  (input: Tensor, options: Options & { readonly returnCounts: true }): Promise<Tensor[]>;
  (input: Tensor, options?: Options): Promise<Tensor>;
};

/** {@linkcode Unique} as a method. */
interface UniqueMethod<Options> {
  (options: Options & { readonly returnInverse: true }): Promise<Tensor[]>;
  (options: Options & { readonly returnCounts: true }): Promise<Tensor[]>;
  (options?: Options): Promise<Tensor>;
}

const UNIQUE = signature(
  "unique",
  ["input", tensorKind],
  "*",
  ["sorted", kinds.boolean, undefined],
  ["returnInverse", kinds.boolean, undefined],
  ["returnCounts", kinds.boolean, undefined],
  ["dim", kinds.nullable(kinds.integer), undefined],
);

/**
 * The different elements in order; with `returnInverse` and `returnCounts` also which of them each element is, and how
 * often each occurs, int64. How many there are depends on the values, so that it has to be awaited.
 */
export const unique = ((...given: Call<typeof UNIQUE, SortedUniqueOptions, [input: Tensor]>) => {
  const { input, ...options } = UNIQUE.read(given);
  return distinct(input, options, true);
}) as Unique<SortedUniqueOptions>;

const UNIQUE_CONSECUTIVE = signature(
  "uniqueConsecutive",
  ["input", tensorKind],
  ["returnInverse", kinds.boolean, undefined],
  ["returnCounts", kinds.boolean, undefined],
  ["dim", kinds.nullable(kinds.integer), undefined],
);

/** The elements with all but the first of equal neighbours left out; options and results as of {@linkcode unique}. */
export const uniqueConsecutive = ((
  ...given: Call<typeof UNIQUE_CONSECUTIVE, UniqueOptions, [input: Tensor]>
) => {
  const { input, ...options } = UNIQUE_CONSECUTIVE.read(given);
  return distinct(input, options, false);
}) as Unique<UniqueOptions>;

async function distinct(
  input: Tensor,
  { returnInverse = false, returnCounts = false, dim = null }: UniqueOptions,
  sorted: boolean,
): Promise<Tensor | Tensor[]> {
  const axis = dim === null ? 0 : normalizeAxis("unique", dim, input.ndim);
  const rows = dim === null ? input.detach().reshape(-1) : input.detach().movedim(axis, 0);
  const data = await rows.data();
  const [count] = rows.shape;
  const width = count === 0 ? 0 : data.length / count;
  const compare = (i: number, j: number) => {
    for (let k = 0; k < width; k++) {
      const found = order(data[i * width + k], data[j * width + k]);
      if (found !== 0) return found;
    }
    return 0;
  };
  const differ = (i: number, j: number) => {
    for (let k = 0; k < width; k++) {
      if (data[i * width + k] !== data[j * width + k]) return true;
    }
    return false;
  };
  const indices = Array.from({ length: count }, (_, i) => i);
  if (sorted) indices.sort(compare);
  const inverse = new Array<number>(count);
  const first: number[] = [];
  const counts: number[] = [];
  for (const [k, i] of indices.entries()) {
    if (k === 0 || differ(indices[k - 1], i)) {
      first.push(i);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse[i] = first.length - 1;
  }
  const long = (values: number[]) => tensor(values, { dtype: "int64" });
  const chosen = rows.indexSelect(0, long(first));
  const output = dim === null ? chosen : chosen.movedim(0, axis).clone();
  const places = dim === null ? long(inverse).reshape(input.shape) : long(inverse);
  const asked = [...returnInverse ? [places] : [], ...returnCounts ? [long(counts)] : []];
  return asked.length > 0 ? [output, ...asked] : output;
}

/** Below 0 if `a` comes first; NaN comes last. */
function order(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

declare module "../tensor.ts" {
  interface Tensor {
    /** {@linkcode unique} */
    unique: UniqueMethod<SortedUniqueOptions>;
    /** {@linkcode uniqueConsecutive} */
    uniqueConsecutive: UniqueMethod<UniqueOptions>;
  }
}
defineMethods({ unique, uniqueConsecutive });
