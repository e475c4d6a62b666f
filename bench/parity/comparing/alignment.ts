/**
 * Finds how the axes of two arrays that are to be equal stand to each other, by their values.
 * @module
 */
import { type Difference, differenceOf } from "./difference.ts";
import {
  product,
  rearrange,
  type Rearrangement,
  reordered,
  sameShape,
  unchanged,
  withoutOnes,
} from "./rearrangement.ts";

/** An array's values with its shape. */
export interface ShapedValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Two arrays, brought into one order. */
export interface Alignment {
  readonly difference: Difference;
  /** In PyTorch's layout. */
  readonly shape: readonly number[];
  readonly arrangement: Rearrangement;
}

/** How many values are looked at to choose between arrangements. */
const SAMPLE = 2000;

/**
 * Compares under the arrangement that fits best; under `expected` where none fits.
 *
 * @param expected how the layers' kinds say that the axes stand
 * @param images shapes without a batch axis that a flattened axis may have had
 */
export function align(
  keras: ShapedValues,
  torch: ShapedValues,
  tolerance: number,
  expected: Rearrangement,
  images: readonly (readonly number[])[] = [],
): Alignment | null {
  if (keras.values.length !== torch.values.length) return null;
  const compared = (arrangement: Rearrangement): Alignment => {
    const values = rearrange(keras.values, arrangement);
    const difference = differenceOf(values, torch.values, torch.shape);
    return { difference, shape: torch.shape, arrangement };
  };
  const first = compared(expected);
  if (first.difference.relative <= tolerance) return first;
  if (!sameMoments(keras.values, torch.values, tolerance)) return first;
  for (const arrangement of arrangements(keras.shape, torch.shape, images)) {
    if (!agreesInSample(keras.values, torch.values, arrangement, tolerance)) continue;
    const found = compared(arrangement);
    if (found.difference.relative <= tolerance) return found;
  }
  return first;
}

/** Whether two lists can be the same values in some order. */
export function sameMoments(a: Float32Array, b: Float32Array, tolerance: number): boolean {
  const [first, second] = [a, b].map(momentsOf);
  const scale = Math.max(first[1], 1e-30);
  return Math.abs(first[0] - second[0]) <= 10 * tolerance * scale &&
    Math.abs(first[1] - second[1]) <= 10 * tolerance * scale;
}

const known = new WeakMap<Float32Array, readonly [mean: number, root: number]>();

/** Mean, and root of the mean square. */
function momentsOf(values: Float32Array): readonly [mean: number, root: number] {
  const found = known.get(values);
  if (found) return found;
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const count = Math.max(values.length, 1);
  const moments = [sum / count, Math.sqrt(squares / count)] as const;
  known.set(values, moments);
  return moments;
}

/** All orders of axes after which a shape can be seen as another one. */
function* arrangements(
  from: readonly number[],
  to: readonly number[],
  images: readonly (readonly number[])[],
): Generator<Rearrangement> {
  yield unchanged(to);
  const rank = from.length;
  if (rank >= 3) {
    // Channels first, then seen in any shape: [n, h, w, c] to [n, c, h w].
    yield reordered(from, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)], to);
  }
  for (const view of [from, ...images.map((image) => [from[0], ...image])]) {
    if (product(view) !== product(from) || view.length > 6) continue;
    for (const order of permutations(view.length)) {
      const shape = order.map((axis) => view[axis]);
      const fits = view !== from || sameShape(withoutOnes(shape), withoutOnes(to));
      if (fits && (view === from || order[0] === 0)) yield reordered(view, order, to);
    }
  }
}

function* permutations(rank: number): Generator<number[]> {
  if (rank === 0) {
    yield [];
    return;
  }
  for (const rest of permutations(rank - 1)) {
    for (let at = rest.length; at >= 0; at--) {
      yield [...rest.slice(0, at), rank - 1, ...rest.slice(at)];
    }
  }
}

function agreesInSample(
  keras: Float32Array,
  torch: Float32Array,
  { view, order }: Rearrangement,
  tolerance: number,
): boolean {
  const dimensions = order.map((axis) => view[axis]);
  const strides = view.map((_, axis) => product(view.slice(axis + 1)));
  const steps = order.map((axis) => strides[axis]);
  const stride = Math.max(1, Math.floor(keras.length / SAMPLE)) | 1;
  let [apart, size, count] = [0, 0, 0];
  for (let to = 0; to < torch.length; to += stride) {
    let [rest, from] = [to, 0];
    for (let axis = dimensions.length - 1; axis >= 0; axis--) {
      from += (rest % dimensions[axis]) * steps[axis];
      rest = Math.floor(rest / dimensions[axis]);
    }
    apart += (keras[from] - torch[to]) ** 2;
    size += keras[from] ** 2;
    count++;
  }
  return count === 0 || apart <= 4 * tolerance ** 2 * size;
}
