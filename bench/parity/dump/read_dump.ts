/**
 * Reads what tandem_dump.py wrote: a real Keras or PyTorch model's results on one batch.
 * @module
 */
import { decodeSafetensors, parseUntrustedJson, shortMessage } from "../../../onnx/mod.ts";
import type { ShapedValues } from "../comparing/alignment.ts";
import { ParityError } from "../parity_error.ts";

/** One model's results. */
export interface Dump {
  readonly framework: "keras" | "torch";
  readonly calls: readonly (ShapedValues & { readonly name: string; readonly kind: string })[];
  /** By name, in the model's order. */
  readonly weights: ReadonlyMap<string, ShapedValues>;
  readonly gradients: ReadonlyMap<string, ShapedValues>;
  readonly updates: ReadonlyMap<string, ShapedValues>;
  readonly output: ShapedValues;
  readonly loss: number;
  /** The batch, in the framework's layout; null in files of version 1. */
  readonly batch: DumpedBatch | null;
}

/** What the model was run on. */
export interface DumpedBatch {
  readonly inputs: readonly ShapedValues[];
  readonly labels: ShapedValues;
  /** Whether the labels are class indices. */
  readonly integerLabels: boolean;
}

/**
 * @param flag such as `--keras-dump`, for messages
 * @throws {ParityError} naming the file and what it lacks
 */
export async function readDump(
  flag: string,
  path: string,
  framework: Dump["framework"],
): Promise<Dump> {
  const fail = (why: string) => new ParityError(`${flag}: "${path}" ${why}`);
  let file: ReturnType<typeof decodeSafetensors>;
  try {
    file = decodeSafetensors(await Deno.readFile(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw fail("is not there");
    throw fail(`cannot be read as a safetensors file: ${shortMessage(error)}`);
  }
  const values = (name: string): ShapedValues => {
    const array = file.arrays.get(name);
    if (!array || array.dtype !== "float32") {
      throw fail(`has no float32 array ${name}, expected a file of tandem_dump.py`);
    }
    return { shape: array.shape, values: array.hostData() as Float32Array };
  };
  const described = descriptionOf(file.metadata.tandem);
  if (!described || ![1, 2].includes(described.version)) {
    throw fail("is no file of tandem_dump.py of version 1 or 2");
  }
  if (described.framework !== framework) {
    throw fail(
      `is of ${described.framework === "keras" ? "Keras" : "PyTorch"}, expected one of ${
        framework === "keras" ? "Keras" : "PyTorch"
      }`,
    );
  }
  const group = (prefix: string) =>
    new Map(
      [...file.arrays.keys()].filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), values(name)] as const),
    );
  return {
    framework,
    calls: described.calls.map(({ name, kind }, i) => ({
      name,
      kind,
      ...values(`activations/${i}`),
    })),
    weights: group("weights/"),
    gradients: group("gradients/"),
    updates: group("updates/"),
    output: values("output"),
    loss: values("loss").values[0],
    batch: described.version === 1 ? null : {
      inputs: [...group("inputs/").values()],
      labels: values("labels"),
      integerLabels: described.integerLabels === true,
    },
  };
}

interface Description {
  readonly version: number;
  readonly framework: string;
  readonly calls: readonly { readonly name: string; readonly kind: string }[];
  readonly integerLabels?: unknown;
}

function descriptionOf(text: string | undefined): Description | null {
  try {
    const value = parseUntrustedJson(text ?? "null") as Description | null;
    const isList = Array.isArray(value?.calls) &&
      value.calls.every(({ name, kind }) => typeof name === "string" && typeof kind === "string");
    return isList ? value : null;
  } catch {
    return null;
  }
}
