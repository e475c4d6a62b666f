/**
 * The ranges of a model's values, found by running it on examples.
 * @module
 */
import proto from "onnx-proto";
import type * as ort from "onnxruntime-node";
import { evaluate } from "../runtime/default_runtime.ts";
import { dtypeOfStorage, type TypedArray } from "../dtype.ts";
import { encodeModel } from "../export/graph_writer.ts";
import { HostBuffer, LazyArray } from "../lazy_array.ts";
import { tensorOver } from "../runtime/tensors.ts";
import { openSession } from "../providers/provider.ts";
import { runSession } from "../runtime/session.ts";
import type { Shape } from "../shape.ts";
import { shortText } from "../files/untrusted.ts";

/** One input's values: an array of the engine (a tensor's `array`), or values with a shape. */
export type CalibrationInput = LazyArray | { readonly data: TypedArray; readonly shape: Shape };

/**
 * Gives batches of examples, as Python's `CalibrationDataReader` does: the values of every input by its name, null after the
 * last batch. What can be iterated over stands for one, too.
 */
export interface CalibrationDataReader {
  getNext(): CalibrationFeeds | null | Promise<CalibrationFeeds | null>;
}

/** Values of all inputs, by their names. */
export type CalibrationFeeds = Readonly<Record<string, CalibrationInput>>;

/** What gives batches. */
export type CalibrationSource =
  | CalibrationDataReader
  | Iterable<CalibrationFeeds>
  | AsyncIterable<CalibrationFeeds>;

/** The least and the largest value of a tensor. */
export interface Range {
  min: number;
  max: number;
}

/**
 * Ranges of tensors over all batches; what holds no float32 is left out.
 *
 * @throws {Error} if there is no batch, or one that the model does not take
 */
export async function rangesOf(
  model: proto.onnx.ModelProto,
  names: readonly string[],
  source: CalibrationSource,
): Promise<Map<string, Range>> {
  const session = await openSession(encodeModel(withReductions(model, names)), "cpu");
  const ranges = new Map<string, Range>();
  try {
    let batches = 0;
    for await (const feeds of batchesOf(source)) {
      batches++;
      const found = await runSession(session, await tensorsOf(session, feeds));
      for (const name of names) widen(ranges, name, found);
    }
    if (batches === 0) throw new Error("quantizeStatic: there is no batch, expected examples");
  } finally {
    await session.release();
  }
  return ranges;
}

const [LEAST, MOST] = ["_least", "_most"];

/** The model with the least and the largest value of each tensor among its outputs. */
function withReductions(
  model: proto.onnx.ModelProto,
  names: readonly string[],
): proto.onnx.ModelProto {
  const reduce = (opType: string, name: string, suffix: string) => ({
    opType,
    name: name + suffix,
    input: [name],
    output: [name + suffix],
    attribute: [{ name: "keepdims", type: proto.onnx.AttributeProto.AttributeType.INT, i: 0 }],
  });
  const graph = model.graph!;
  const added = names.flatMap((name) => [
    reduce("ReduceMin", name, LEAST),
    reduce("ReduceMax", name, MOST),
  ]);
  const output = added.map(({ name }) => ({ name }));
  return proto.onnx.ModelProto.create({
    ...model,
    graph: {
      ...graph,
      node: [...graph.node!, ...added],
      output: [...graph.output!, ...output],
    },
  });
}

async function* batchesOf(source: CalibrationSource): AsyncGenerator<CalibrationFeeds> {
  if (!("getNext" in source)) return yield* source;
  for (let feeds = await source.getNext(); feeds; feeds = await source.getNext()) yield feeds;
}

async function tensorsOf(
  session: ort.InferenceSession,
  feeds: CalibrationFeeds,
): Promise<Record<string, ort.Tensor>> {
  const missing = session.inputNames.filter((name) => !Object.hasOwn(feeds, name));
  if (missing.length > 0) {
    throw new Error(
      `quantizeStatic: a batch has ${
        Object.keys(feeds).map((name) => shortText(name)).join(", ")
      }, ` +
        `expected values of ${session.inputNames.map((name) => shortText(name)).join(", ")}`,
    );
  }
  const entries = session.inputNames.map(async (name) => {
    const input = feeds[name];
    if (!(input instanceof LazyArray)) {
      const { data, shape } = input;
      const type = { dtype: dtypeOfStorage(data), shape };
      return [name, tensorOver(new HostBuffer(data), type)] as const;
    }
    await evaluate([input]);
    return [name, tensorOver(input.buffer, input)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function widen(
  ranges: Map<string, Range>,
  name: string,
  found: ort.InferenceSession.OnnxValueMapType,
): void {
  const [least, most] = [LEAST, MOST].map((suffix) => found[name + suffix] as ort.Tensor);
  if (least.type !== "float32") return;
  const range = ranges.get(name) ?? { min: 0, max: 0 };
  // Zero is always in: padding and relu need it exact.
  range.min = Math.min(range.min, Number(least.data[0]));
  range.max = Math.max(range.max, Number(most.data[0]));
  ranges.set(name, range);
}
