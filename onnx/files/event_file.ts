/**
 * Event files of TensorBoard: records framed as TFRecord frames them (length, masked CRC-32C of the length, data, masked
 * CRC-32C of the data), each a protocol buffer `tensorflow.Event`.
 *
 * Sources: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto,
 * tensorflow/core/framework/summary.proto
 * @module
 */
import crc32c from "crc-32/crc32c.js";
import proto from "onnx-proto";

/** Writes fields of a protocol buffer: the writer of onnx-proto's own runtime. */
type Writer = ReturnType<typeof proto.onnx.TensorProto.encode>;

function message(write: (writer: Writer) => void): Uint8Array {
  // An empty message: what follows is written behind nothing.
  const writer = proto.onnx.TensorShapeProto.encode({}) as unknown as Writer;
  write(writer);
  return writer.finish() as Uint8Array;
}

const VARINT = 0;
const DOUBLE = 1;
const BYTES = 2;
const FLOAT = 5;

/** The key of a field. */
function key(writer: Writer, field: number, wire: number): Writer {
  return writer.uint32(field << 3 | wire);
}

/** A histogram as TensorBoard wants it. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Right ends of the bins. */
  readonly limits: readonly number[];
  /** How many lie in each. */
  readonly counts: readonly number[];
}

/** A PNG image. */
export interface EncodedImage {
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 RGB, 4 with opacity. */
  readonly channels: number;
  readonly png: Uint8Array;
}

/** What an event tells. */
export type EventValue =
  | { readonly scalar: number }
  | { readonly histogram: Histogram }
  | { readonly image: EncodedImage }
  | { readonly text: string };

/** One event. */
export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly tag: string;
  readonly value: EventValue;
}

function packedDoubles(writer: Writer, field: number, values: readonly number[]): void {
  key(writer, field, BYTES).uint32(8 * values.length);
  for (const value of values) writer.double(value);
}

function histogramMessage(
  { min, max, count, sum, sumSquares, limits, counts }: Histogram,
): Uint8Array {
  return message((writer) => {
    [min, max, count, sum, sumSquares].forEach((value, i) =>
      key(writer, i + 1, DOUBLE).double(value)
    );
    packedDoubles(writer, 6, limits);
    packedDoubles(writer, 7, counts);
  });
}

function imageMessage({ height, width, channels, png }: EncodedImage): Uint8Array {
  return message((writer) => {
    key(writer, 1, VARINT).int32(height);
    key(writer, 2, VARINT).int32(width);
    key(writer, 3, VARINT).int32(channels);
    key(writer, 4, BYTES).bytes(png);
  });
}

/** A string tensor, and the plugin that shows it. */
function writeText(writer: Writer, text: string): void {
  const plugin = message((inner) => key(inner, 1, BYTES).string("text"));
  key(writer, 9, BYTES).bytes(message((inner) => key(inner, 1, BYTES).bytes(plugin)));
  const shape = message((inner) =>
    key(inner, 2, BYTES).bytes(message((dim) => key(dim, 1, VARINT).int64(1)))
  );
  const tensor = message((inner) => {
    key(inner, 1, VARINT).int32(7);
    key(inner, 2, BYTES).bytes(shape);
    key(inner, 8, BYTES).bytes(new TextEncoder().encode(text));
  });
  key(writer, 8, BYTES).bytes(tensor);
}

function valueMessage({ tag, value }: Event): Uint8Array {
  return message((writer) => {
    key(writer, 1, BYTES).string(tag);
    if ("scalar" in value) key(writer, 2, FLOAT).float(value.scalar);
    else if ("image" in value) key(writer, 4, BYTES).bytes(imageMessage(value.image));
    else if ("histogram" in value) key(writer, 5, BYTES).bytes(histogramMessage(value.histogram));
    else writeText(writer, value.text);
  });
}

/** An event as a record. */
export function eventRecord(event: Event): Uint8Array {
  const summary = message((writer) => key(writer, 1, BYTES).bytes(valueMessage(event)));
  return framed(message((writer) => {
    key(writer, 1, DOUBLE).double(event.wallTime);
    key(writer, 2, VARINT).int64(event.step);
    key(writer, 5, BYTES).bytes(summary);
  }));
}

/** The record that an event file begins with. */
export function versionRecord(wallTime: number): Uint8Array {
  return framed(message((writer) => {
    key(writer, 1, DOUBLE).double(wallTime);
    key(writer, 3, BYTES).string("brain.Event:2");
  }));
}

/** Rotated and moved, so that a checksum of data with checksums in it is none of them. */
function maskedChecksum(data: Uint8Array): number {
  const sum = crc32c.buf(data) >>> 0;
  return ((sum >>> 15 | sum << 17) + 0xa282ead8) >>> 0;
}

function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}
