/**
 * Blocks that slide over an image, as columns. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#convolution-functions
 * @module
 */
import { fromHost, type LazyArray, ops, showShape, sizeOf } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { type Pair, perAxis } from "./window.ts";
import { type Windows, windowTable } from "./window_table.ts";

const pair = kinds.either(kinds.integer, kinds.integers);

/** Options of {@linkcode unfold} and {@linkcode fold}. */
export interface BlockOptions {
  /** 1 unless given. */
  readonly dilation?: Pair;
  /** 0 unless given. */
  readonly padding?: Pair;
  /** 1 unless given. */
  readonly stride?: Pair;
}

/** What {@linkcode unfold} takes beside the input. */
export const UNFOLD = signature("unfold", ["kernelSize", pair], ["dilation", pair, 1], [
  "padding",
  pair,
  0,
], ["stride", pair, 1]);
/** What {@linkcode fold} takes beside the input. */
export const FOLD = signature(
  "fold",
  ["outputSize", pair],
  ["kernelSize", pair],
  ["dilation", pair, 1],
  ["padding", pair, 0],
  ["stride", pair, 1],
);

interface BlockValues {
  readonly kernelSize: unknown;
  readonly dilation: unknown;
  readonly padding: unknown;
  readonly stride: unknown;
}

function windowsOf({ kernelSize, dilation, padding, stride }: BlockValues): Windows {
  return {
    kernel: perAxis("kernelSize", kernelSize as Pair, 2, 1),
    stride: perAxis("stride", stride as Pair, 2, 1),
    padding: perAxis("padding", padding as Pair, 2),
    dilation: perAxis("dilation", dilation as Pair, 2, 1),
  };
}

/** Indices [elements of a block, blocks]; those in the padding are one behind the last element. */
function blockIndices(sizes: readonly number[], windows: Windows) {
  const { output, indices } = windowTable(sizes, windows);
  const elements = sizeOf(windows.kernel);
  const count = sizeOf(output);
  if (output.some((n) => n < 1)) {
    throw new Error(`unfold: blocks of [${windows.kernel}] do not fit into an image of [${sizes}]`);
  }
  const outside = sizeOf(sizes);
  const turned = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const own = indices[i] < 0 ? outside : indices[i];
    turned[i % elements * count + Math.floor(i / elements)] = own;
  }
  return { flat: fromHost(turned, [turned.length]), elements, count };
}

function withBatch(input: Tensor, rank: number, name: string, call: (x: Tensor) => Tensor): Tensor {
  if (input.ndim === rank) return call(input);
  if (input.ndim === rank - 1) return call(input.unsqueeze(0)).squeeze(0);
  throw new Error(
    `${name}: Expected ${rank - 1}D or ${rank}D (batch mode) tensor, but got: ${
      showShape(input.shape)
    }`,
  );
}

const UNFOLD_OF = UNFOLD.after(["input", tensorKind]);

/** Blocks of [n, c, h, w] as columns [n, c kernel elements, blocks]. */
export function unfold(
  ...given: Call<typeof UNFOLD_OF, BlockOptions, [input: Tensor, kernelSize: Pair]>
): Tensor {
  const { input, ...blocks } = UNFOLD_OF.read(given);
  const windows = windowsOf(blocks);
  return withBatch(input, 4, "unfold", (image) => {
    const [n, c, ...sizes] = image.shape;
    const { flat, elements, count } = blockIndices(sizes, windows);
    return apply("Im2Col", [image], ([x]) => {
      const rows = ops.pad(ops.reshape(x, [n, c, sizeOf(sizes)]), [0, 0, 0], [0, 0, 1]);
      return ops.reshape(ops.gather(rows, flat, 2), [n, c * elements, count]);
    });
  });
}

const FOLD_OF = FOLD.after(["input", tensorKind]);

/** The sum of blocks, given as columns [n, c kernel elements, blocks], where they lie in an image [n, c, h, w]. */
export function fold(
  ...given: Call<
    typeof FOLD_OF,
    BlockOptions,
    [input: Tensor, outputSize: Pair, kernelSize: Pair]
  >
): Tensor {
  const { input, ...read } = FOLD_OF.read(given);
  const sizes = perAxis("outputSize", read.outputSize as Pair, 2, 1);
  const { flat, elements, count } = blockIndices(sizes, windowsOf(read));
  return withBatch(input, 3, "fold", (columns) => {
    const [n, width, blocks] = columns.shape;
    if (width % elements !== 0 || blocks !== count) {
      throw new Error(
        `fold: expected columns [n, multiple of ${elements}, ${count}] for an image of [${sizes}], got ${
          showShape(columns.shape)
        }`,
      );
    }
    const c = width / elements;
    return apply("Col2Im", [columns], ([x]) => {
      const rows = ops.transpose(ops.reshape(x, [n * c, elements * count]), [1, 0]);
      const positions = sizeOf(sizes) + 1;
      const summed = ops.scatterAdd(emptyLike(x, [positions, n * c]), flat, rows);
      const inside = ops.slice(summed, [0, 0], [positions - 1, n * c]);
      return ops.reshape(ops.transpose(inside, [1, 0]), [n, c, ...sizes]);
    });
  });
}

/** An array of some shape, of which only type and shape matter. */
function emptyLike(x: LazyArray, shape: readonly number[]): LazyArray {
  return ops.expand(ops.cast(fromHost(new Float32Array(1), [1]), x.dtype), shape);
}
