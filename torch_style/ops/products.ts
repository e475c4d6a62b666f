/**
 * Products over axes: einsum and its relatives. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#other-operations
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import {
  broadcastShapes,
  constant,
  normalizeAxis,
  ops,
  showShape,
  sizeOf,
} from "../../onnx/mod.ts";
import { eye } from "../creation.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { mul, sub } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { matmul } from "./linear_algebra.ts";
import { norm } from "./norm.ts";
import { gatheredTensors } from "./tensor_list.ts";

/** A tensor whose axes are named by letters. */
interface Labeled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

const EINSUM = signature("einsum", ["equation", kinds.string], [
  "operands",
  kinds.listOf(tensorKind),
]);

/**
 * Sums of products, the axes named by letters: `einsum("bij,bjk->bik", a, b)` is a batch of matrix products. A letter
 * that stands for an axis of several operands runs over all of them together; one that the result does not name is summed
 * over; `...` stands for leading axes, which are broadcast. Without `->` the result has the letters that occur once, in
 * alphabetical order.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
 *
 * @throws {Error} if letters and axes do not fit
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const products = torch.einsum("bij,bjk->bik", torch.ones([2, 3, 4]), torch.ones([2, 4, 5]));
 * console.log(products.shape); // [2, 3, 5]
 * ```
 */
export function einsum(
  ...given: [equation: string, operands: readonly Tensor[]] | [
    equation: string,
    ...operands: Tensor[],
  ]
): Tensor {
  const [first, ...rest] = given;
  const { equation, operands } = EINSUM.read([first, ...gatheredTensors(rest)]);
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (terms.length !== operands.length) {
    throw new Error(
      `einsum(): "${equation}" names ${terms.length} operands, got ${operands.length}`,
    );
  }
  const labeled = operands.map((tensor, i) =>
    withoutRepeats(labelAxes(equation, terms[i], tensor))
  );
  const output = right === undefined
    ? implicitOutput(terms, labeled)
    : outputLabels(equation, right, labeled);
  const missing = output.find((label) => !labeled.some(({ labels }) => labels.includes(label)));
  if (missing) {
    throw new Error(
      `einsum(): output subscript ${missing} does not appear in the equation for any input operand`,
    );
  }
  checkSizes(labeled);
  // From left to right: what neither later operands nor the result name is summed up at once.
  let result = labeled[0];
  for (let i = 1; i < labeled.length; i++) {
    const later = new Set([...output, ...labeled.slice(i + 1).flatMap(({ labels }) => labels)]);
    result = contract(result, labeled[i], later);
  }
  return arrange(sumOut(result, new Set(output)), output);
}

/** Letters in order; those of `...` are digits, counted from the back. */
function labelAxes(equation: string, term: string, tensor: Tensor): Labeled {
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) {
    throw new Error(
      `einsum(): invalid subscript "${term}" in "${equation}", expected letters and at most one ellipsis`,
    );
  }
  const letters = term.replace("...", "");
  const more = tensor.ndim - letters.length;
  if (more < 0 || (more > 0 && !term.includes("..."))) {
    throw new Error(
      `einsum(): "${term}" has ${letters.length} subscripts for an operand of shape ${
        showShape(tensor.shape)
      }`,
    );
  }
  const dots = Array.from({ length: more }, (_, i) => `${more - i}.`);
  const at = term.indexOf("...");
  const labels = at < 0 ? [...term] : [...term.slice(0, at), ...dots, ...term.slice(at + 3)];
  return { tensor, labels };
}

/** A letter twice in one operand is its diagonal. */
function withoutRepeats({ tensor, labels }: Labeled): Labeled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { tensor, labels };
  const first = labels.indexOf(labels[second]);
  if (tensor.shape[first] !== tensor.shape[second]) {
    throw new Error(
      `einsum(): subscript ${labels[second]} is repeated for sizes ${tensor.shape[first]} and ${
        tensor.shape[second]
      }`,
    );
  }
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats({
    tensor: tensor.diagonal(0, first, second),
    labels: [...rest, labels[second]],
  });
}

function dotsOf(labeled: readonly Labeled[]): string[] {
  const dots = new Set(
    labeled.flatMap(({ labels }) => labels.filter((label) => label.endsWith("."))),
  );
  return [...dots].sort((a, b) => parseInt(b) - parseInt(a));
}

function implicitOutput(terms: readonly string[], labeled: readonly Labeled[]): string[] {
  const letters = [...terms.join("").replaceAll(".", "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return [...dotsOf(labeled), ...once.sort()];
}

function outputLabels(equation: string, right: string, labeled: readonly Labeled[]): string[] {
  const at = right.indexOf("...");
  const labels = at < 0
    ? [...right]
    : [...right.slice(0, at), ...dotsOf(labeled), ...right.slice(at + 3)];
  if (new Set(labels).size === labels.length && /^[A-Za-z.]*$/.test(right)) return labels;
  throw new Error(
    `einsum(): invalid output "${right}" in "${equation}", expected different letters`,
  );
}

function checkSizes(labeled: readonly Labeled[]): void {
  const sizes = new Map<string, number>();
  for (const { tensor, labels } of labeled) {
    labels.forEach((label, i) => {
      const [known, own] = [sizes.get(label) ?? 1, tensor.shape[i]];
      if (known !== 1 && own !== 1 && known !== own) {
        throw new Error(
          `einsum(): subscript ${label} has size ${own}, which does not broadcast with previously seen size ${known}`,
        );
      }
      sizes.set(label, Math.max(known, own));
    });
  }
}

function sumOut({ tensor, labels }: Labeled, kept: ReadonlySet<string>): Labeled {
  const axes = labels.flatMap((label, i) => kept.has(label) ? [] : [i]);
  if (axes.length === 0) return { tensor, labels };
  return { tensor: tensor.sum(axes), labels: labels.filter((label) => kept.has(label)) };
}

/** The product of two operands as one batch of matrix products; axes that nobody names later are summed up. */
function contract(a: Labeled, b: Labeled, later: ReadonlySet<string>): Labeled {
  const left = sumOut(a, new Set([...later, ...b.labels]));
  const right = sumOut(b, new Set([...later, ...left.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const size = (labeled: Labeled, label: string) =>
    labeled.tensor.shape[labeled.labels.indexOf(label)];
  // Of size 1 on one side only: a sum of products is no matrix product then.
  const summed = shared.filter((label) => !later.has(label));
  const uneven = summed.some((label) => size(left, label) !== size(right, label));
  const batch = shared.filter((label) => later.has(label) || uneven);
  const inner = uneven ? [] : summed;
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const batchShape = broadcastShapes(
    "einsum",
    batch.map((label) => size(left, label)),
    batch.map((label) => size(right, label)),
  );
  const matrices = (labeled: Labeled, first: string[], second: string[]) => {
    const x = arrange(labeled, [...batch, ...first, ...second]);
    const own = x.shape.slice(0, batch.length);
    return x.reshape([
      ...own,
      sizeOf(first.map((l) => size(labeled, l))),
      sizeOf(second.map((l) => size(labeled, l))),
    ]);
  };
  const product = matmul(matrices(left, rows, inner), matrices(right, inner, columns));
  const shape = [
    ...batchShape,
    ...rows.map((l) => size(left, l)),
    ...columns.map((l) => size(right, l)),
  ];
  const result = { tensor: product.reshape(shape), labels: [...batch, ...rows, ...columns] };
  return uneven ? sumOut(result, later) : result;
}

function arrange({ tensor, labels }: Labeled, order: readonly string[]): Tensor {
  return tensor.permute(order.map((label) => labels.indexOf(label)));
}

const TENSORDOT = signature("tensordot", ["a", tensorKind], ["b", tensorKind], [
  "dims",
  kinds.any as Kind<number | readonly [readonly number[], readonly number[]]>,
  2,
]);

/**
 * Products summed over axes of both tensors.
 *
 * @param dims how many last axes of `a` meet the first ones of `b`, or the axes of each
 */
export function tensordot(
  ...given: Call<
    typeof TENSORDOT,
    { readonly dims?: number | readonly [readonly number[], readonly number[]] },
    [a: Tensor, b: Tensor]
  >
): Tensor {
  const { a, b, dims } = TENSORDOT.read(given);
  const [left, right] = typeof dims === "number"
    ? [
      Array.from({ length: dims }, (_, i) => a.ndim - dims + i),
      Array.from({ length: dims }, (_, i) => i),
    ]
    : [
      dims[0].map((dim) => normalizeAxis("tensordot", dim, a.ndim)),
      dims[1].map((dim) => normalizeAxis("tensordot", dim, b.ndim)),
    ];
  if (left.length !== right.length) throw new Error("both dimension lists should have same length");
  left.forEach((axis, i) => {
    const [first, second] = [a.shape[axis], b.shape[right[i]]];
    if (first === second) return;
    throw new Error(
      `contracted dimensions need to match, but first has size ${first} in dim ${axis} ` +
        `and second has size ${second} in dim ${right[i]}`,
    );
  });
  const rest = (x: Tensor, axes: readonly number[]) =>
    x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const [rows, columns] = [rest(a, left), rest(b, right)];
  const inner = sizeOf(left.map((axis) => a.shape[axis]));
  const [height, width] = [rows.map((i) => a.shape[i]), columns.map((i) => b.shape[i])];
  const x = a.permute([...rows, ...left]).reshape([sizeOf(height), inner]);
  const y = b.permute([...right, ...columns]).reshape([inner, sizeOf(width)]);
  return matmul(x, y).reshape([...height, ...width]);
}

const INNER = signature("inner", ["input", tensorKind], ["other", tensorKind]);

/** Products summed over the last axes of both; of a single number a product. */
export function inner(
  ...given: Call<typeof INNER, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = INNER.read(given);
  if (input.ndim === 0 || other.ndim === 0) return mul(input, other);
  if (input.shape.at(-1) !== other.shape.at(-1)) {
    throw new Error(
      `inner() the last dimension must match on both input tensors but got shapes ${
        showShape(input.shape)
      } and ${showShape(other.shape)}`,
    );
  }
  return tensordot(input, other, [[-1], [-1]]);
}

const KRON = signature("kron", ["input", tensorKind], ["other", tensorKind]);

/** Kronecker's product: every element of the first times the whole second. */
export function kron(
  ...given: Call<typeof KRON, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = KRON.read(given);
  const rank = Math.max(input.ndim, other.ndim);
  const full = (x: Tensor) => [...new Array<number>(rank - x.ndim).fill(1), ...x.shape];
  const [a, b] = [full(input), full(other)];
  const left = input.reshape(a.flatMap((n) => [n, 1]));
  const right = other.reshape(b.flatMap((n) => [1, n]));
  return mul(left, right).reshape(a.map((n, i) => n * b[i]));
}

const CROSS = signature("cross", ["input", tensorKind], ["other", tensorKind], [
  "dim",
  kinds.nullable(kinds.integer),
  null,
]);

/** The cross product of vectors of 3 along an axis: the first of that size unless given. */
export function cross(
  ...given: Call<typeof CROSS, { readonly dim?: number | null }, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other, dim } = CROSS.read(given);
  const axis = dim === null ? input.shape.indexOf(3) : normalizeAxis("cross", dim, input.ndim);
  if (axis < 0 || input.shape[axis] !== 3 || other.shape[axis - input.ndim + other.ndim] !== 3) {
    throw new Error(
      `linalg.cross: inputs dimension must have length 3. Got ${showShape(input.shape)} and ${
        showShape(other.shape)
      }`,
    );
  }
  const [x, y] = [input, other].map((t) => {
    const at = axis - input.ndim + t.ndim;
    return [0, 1, 2].map((i) => t.narrow(at, i, 1));
  });
  const part = (i: number, j: number) => sub(mul(x[i], y[j]), mul(x[j], y[i]));
  return cat([part(1, 2), part(2, 0), part(0, 1)], axis);
}

const VDOT = signature("vdot", ["input", tensorKind], ["other", tensorKind]);

/** The product of two vectors; of real numbers what dot gives. */
export function vdot(
  ...given: Call<typeof VDOT, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = VDOT.read(given);
  return input.dot(other);
}

const MATRIX_POWER = signature("matrixPower", ["input", tensorKind], ["n", kinds.integer]);

/** Matrices multiplied with themselves, `n` factors; negative powers are those of the inverse. */
export function matrixPower(
  ...given: Call<typeof MATRIX_POWER, Record<never, never>, [input: Tensor, n: number]>
): Tensor {
  const { input, n } = MATRIX_POWER.read(given);
  if (!Number.isInteger(n)) throw new Error(`matrixPower: n is ${n}, expected an integer`);
  const size = input.shape.at(-1)!;
  if (input.ndim < 2 || input.shape.at(-2) !== size) {
    throw new Error(
      `linalg.matrix_power: A must be batches of square matrices, but they are ${
        showShape(input.shape)
      } matrices`,
    );
  }
  if (n < 0) return matrixPower(input.inverse(), -n);
  if (n === 0) return eye(size, size, { dtype: input.dtype }).expand(input.shape);
  if (n === 1) return input;
  const half = matrixPower(input, Math.floor(n / 2));
  const even = matmul(half, half);
  return n % 2 === 1 ? matmul(even, input) : even;
}

const CDIST = signature("cdist", ["x1", tensorKind], ["x2", tensorKind], ["p", kinds.number, 2]);

/** Distances of all rows of one matrix from all rows of another, batch by batch. */
export function cdist(
  ...given: Call<typeof CDIST, { readonly p?: number }, [x1: Tensor, x2: Tensor]>
): Tensor {
  const { x1, x2, p } = CDIST.read(given);
  if (x1.shape.at(-1) !== x2.shape.at(-1)) {
    throw new Error(
      `X1 and X2 must have the same number of columns. X1: ${x1.shape.at(-1)} X2: ${
        x2.shape.at(-1)
      }`,
    );
  }
  return distances(sub(x1.unsqueeze(-2), x2.unsqueeze(-3)), p);
}

const DISTANCES = signature("distances", ["difference", tensorKind], ["p", kinds.number]);

/** The p-norm over the last axis, whose slope at 0 is 0. */
export function distances(
  ...given: Call<typeof DISTANCES, Record<never, never>, [difference: Tensor, p: number]>
): Tensor {
  const { difference, p } = DISTANCES.read(given);
  if (p !== 2) {
    return p === 0
      ? difference.detach().ne(0).to(difference.dtype).sum(-1)
      : norm(difference, p, -1);
  }
  return apply("Distances", [difference], ([d]) => {
    const squares = ops.sum(ops.mul(d, d), { axes: -1 });
    const zero = constant(0, d.dtype);
    const none = ops.equal(squares, zero);
    return ops.where(none, zero, ops.sqrt(ops.where(none, constant(1, d.dtype), squares)));
  });
}

const methods = { inner, kron, cross, vdot, matrixPower };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
