/**
 * Sequences of different lengths in one tensor. Follows https://docs.pytorch.org/docs/stable/nn.html#utilities, where these
 * functions are in `torch.nn.utils.rnn`.
 * @module
 */
import { fromHost, showShape } from "../../../onnx/mod.ts";
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { full } from "../../creation.ts";
import { cat, stack } from "../../ops/joining.ts";
import { Tensor, tensorKind } from "../../tensor.ts";

/** Lengths of sequences: a list, or a tensor whose values are computed already. */
export type Lengths = readonly number[] | Tensor;

/**
 * Sequences laid out step by step: first the first elements of all, then the second ones of all that have one, ... The
 * longest sequence comes first.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 */
export class PackedSequence {
  constructor(
    /** All elements [sum of lengths, ...]. */
    readonly data: Tensor,
    /** How many sequences have a first, a second, ... element. */
    readonly batchSizes: readonly number[],
    /** Which of the sequences each one is here; null if they came in this order. */
    readonly sortedIndices: readonly number[] | null = null,
    /** Where each of the sequences is here. */
    readonly unsortedIndices: readonly number[] | null = null,
  ) {}

  /** Other elements in the same layout. */
  with(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }
}

/** Rows of an axis in another order. */
export function reorder(x: Tensor, order: readonly number[] | null, dim: number): Tensor {
  if (!order) return x;
  return x.indexSelect(dim, new Tensor(fromHost(Int32Array.from(order), [order.length])));
}

function lengthsOf(lengths: Lengths): number[] {
  if (lengths instanceof Tensor && !lengths.array.isOnHost) {
    throw new Error("packPaddedSequence: lengths are not computed yet; await lengths.data() first");
  }
  return lengths instanceof Tensor ? Array.from(lengths.array.buffer.data, Number) : [...lengths];
}

/** Options of {@linkcode packPaddedSequence}. */
export interface PackOptions {
  /** Whether the input is [n, time, ...] and not [time, n, ...]. */
  readonly batchFirst?: boolean;
  /** Whether the longest sequence must come first already; true unless given. */
  readonly enforceSorted?: boolean;
}

const lengthsKind: Kind<Lengths> = kinds.either(tensorKind, kinds.numbers);

const PACK = signature(
  "packPaddedSequence",
  ["input", tensorKind],
  ["lengths", lengthsKind],
  ["batchFirst", kinds.boolean, false],
  ["enforceSorted", kinds.boolean, true],
);

/**
 * Packs sequences of different lengths that were filled up to one length.
 *
 * @param input [time, n, ...]
 * @throws {Error} if lengths do not fit, or are not in order where they must be
 */
export function packPaddedSequence(
  ...given: Call<typeof PACK, PackOptions, [input: Tensor, lengths: Lengths]>
): PackedSequence {
  const { input, lengths, batchFirst, enforceSorted } = PACK.read(given);
  const known = lengthsOf(lengths);
  const [time, n] = batchFirst ? [input.shape[1], input.shape[0]] : input.shape;
  if (known.length !== n) {
    throw new Error(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${known.length} (batch_size=${n})`,
    );
  }
  const wrong = known.find((length) => !Number.isInteger(length) || length < 1 || length > time);
  if (wrong !== undefined) {
    throw new Error(
      `Length of all samples has to be greater than 0 and at most ${time}, but found ${wrong}`,
    );
  }
  const order = known.map((_, i) => i).sort((a, b) => known[b] - known[a]);
  const isSorted = known.every((length, i) => i === 0 || known[i - 1] >= length);
  if (enforceSorted && !isSorted) {
    throw new Error(
      "`lengths` array must be sorted in decreasing order when `enforceSorted` is true. You can pass `enforceSorted: false` to packPaddedSequence and/or packSequence to sidestep this requirement",
    );
  }
  const timeFirst = batchFirst ? input.transpose(0, 1) : input;
  const sorted = enforceSorted ? timeFirst : reorder(timeFirst, order, 1);
  const sizes = Array.from(
    { length: Math.max(...known) },
    (_, t) => known.filter((length) => length > t).length,
  );
  const data = cat(sizes.map((size, t) => sorted.select(0, t).narrow(0, 0, size)));
  if (enforceSorted) return new PackedSequence(data, sizes);
  return new PackedSequence(data, sizes, order, inverse(order));
}

function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length);
  order.forEach((from, to) => result[from] = to);
  return result;
}

/** Options of {@linkcode padPackedSequence}. */
export interface UnpackOptions {
  /** Whether the result is [n, time, ...] and not [time, n, ...]. */
  readonly batchFirst?: boolean;
  /** What fills sequences up, 0 unless given. */
  readonly paddingValue?: number;
  /** Length of the result; that of the longest sequence unless given. */
  readonly totalLength?: number | null;
}

const UNPACK = signature(
  "padPackedSequence",
  ["sequence", kinds.instance("a PackedSequence", PackedSequence)],
  ["batchFirst", kinds.boolean, false],
  ["paddingValue", kinds.number, 0],
  ["totalLength", kinds.nullable(kinds.integer), null],
);

/** The inverse of {@linkcode packPaddedSequence}: sequences filled up to one length [time, n, ...], and their lengths. */
export function padPackedSequence(
  ...given: Call<typeof UNPACK, UnpackOptions, [sequence: PackedSequence]>
): [output: Tensor, lengths: Tensor] {
  const { sequence, batchFirst, paddingValue, totalLength } = UNPACK.read(given);
  const { data, batchSizes, unsortedIndices } = sequence;
  const [n] = batchSizes;
  const time = totalLength ?? batchSizes.length;
  if (time < batchSizes.length) {
    throw new Error(
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${time} and max sequence length being ${batchSizes.length}`,
    );
  }
  const fill = (rows: number) =>
    full([rows, ...data.shape.slice(1)], paddingValue, { dtype: data.dtype });
  let at = 0;
  const steps = Array.from({ length: time }, (_, t) => {
    const size = batchSizes[t] ?? 0;
    const own = size > 0 ? [data.narrow(0, at, size)] : [];
    at += size;
    return cat(size < n ? [...own, fill(n - size)] : own);
  });
  const padded = reorder(stack(steps), unsortedIndices, 1);
  const lengths = Array.from({ length: n }, (_, i) => batchSizes.filter((size) => size > i).length);
  const restored = unsortedIndices ? unsortedIndices.map((i) => lengths[i]) : lengths;
  return [
    batchFirst ? padded.transpose(0, 1) : padded,
    new Tensor(fromHost(BigInt64Array.from(restored, BigInt), [n])),
  ];
}

/** Options of {@linkcode padSequence}. */
export interface PadSequenceOptions {
  /** Whether the result is [n, time, ...] and not [time, n, ...]. */
  readonly batchFirst?: boolean;
  /** 0 unless given. */
  readonly paddingValue?: number;
  /** At the end of each sequence (unless given) or at its beginning. */
  readonly paddingSide?: "right" | "left";
}

const PAD = signature(
  "padSequence",
  ["sequences", kinds.listOf(tensorKind)],
  ["batchFirst", kinds.boolean, false],
  ["paddingValue", kinds.number, 0],
  ["paddingSide", kinds.oneOf("right", "left"), "right"],
);

/** Sequences [length, ...] filled up to one length [time, n, ...]. */
export function padSequence(
  ...given: Call<typeof PAD, PadSequenceOptions, [sequences: readonly Tensor[]]>
): Tensor {
  const { sequences, batchFirst, paddingValue, paddingSide } = PAD.read(given);
  if (sequences.length === 0) throw new Error("padSequence: received an empty list of sequences");
  const time = Math.max(...sequences.map((one) => one.shape[0]));
  const odd = sequences.find((one) =>
    showShape(one.shape.slice(1)) !== showShape(sequences[0].shape.slice(1))
  );
  if (odd) {
    throw new Error(
      `padSequence: sequences must agree but for their first axis, got ${
        showShape(sequences[0].shape)
      } and ${showShape(odd.shape)}`,
    );
  }
  const padded = sequences.map((one) => {
    const missing = time - one.shape[0];
    if (missing === 0) return one;
    const rest = full([missing, ...one.shape.slice(1)], paddingValue, { dtype: one.dtype });
    return cat(paddingSide === "right" ? [one, rest] : [rest, one]);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

const UNPAD = signature("unpadSequence", ["padded", tensorKind], ["lengths", lengthsKind], [
  "batchFirst",
  kinds.boolean,
  false,
]);

/** The sequences that {@linkcode padSequence} put together. */
export function unpadSequence(
  ...given: Call<
    typeof UNPAD,
    { readonly batchFirst?: boolean },
    [padded: Tensor, lengths: Lengths]
  >
): Tensor[] {
  const { padded, lengths, batchFirst } = UNPAD.read(given);
  const rows = batchFirst ? padded : padded.transpose(0, 1);
  return lengthsOf(lengths).map((length, i) => rows.select(0, i).narrow(0, 0, length));
}

const PACK_SEQUENCE = signature("packSequence", ["sequences", kinds.listOf(tensorKind)], [
  "enforceSorted",
  kinds.boolean,
  true,
]);

/** Packs a list of sequences [length, ...]. */
export function packSequence(
  ...given: Call<
    typeof PACK_SEQUENCE,
    { readonly enforceSorted?: boolean },
    [sequences: readonly Tensor[]]
  >
): PackedSequence {
  const { sequences, enforceSorted } = PACK_SEQUENCE.read(given);
  const lengths = sequences.map((one) => one.shape[0]);
  return packPaddedSequence(padSequence(sequences), lengths, { enforceSorted });
}

/** The list of sequences that {@linkcode packSequence} packed. */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(sequence, { batchFirst: true });
  return unpadSequence(padded, lengths, true);
}
