/**
 * Runs an ONNX file as a module.
 * @module
 */
import proto from "onnx-proto";
import type * as ort from "onnxruntime-node";
import {
  createStorage,
  type DType,
  DTYPES,
  evaluate,
  hasExternalData,
  HostBuffer,
  LazyArray,
  openSession,
  type Provider,
  ProviderError,
  runSession,
  type Shape,
  shortMessage,
  shortText,
  showShape,
  sizeOf,
  tensorOver,
} from "../../onnx/mod.ts";
import { Module } from "../nn/modules/module.ts";
import { Tensor } from "../tensor.ts";

/** Options of {@linkcode load}. */
export interface LoadModelOptions {
  /** What computes, the first that can start; `cpu` unless given. */
  readonly provider?: Provider | readonly Provider[];
  /** Called when a provider cannot start and the next one is tried; `console.warn` unless given. */
  readonly notice?: (text: string) => void;
}

/** An input or output as the file declares it: a dimension that is a text is dynamic, free of all others if it is empty. */
export interface ValueType {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/**
 * A module that runs an ONNX file on ONNX Runtime. Takes the file's inputs in order and gives its output, or
 * an array of outputs where there are several. Nothing in it learns, and gradients do not pass.
 */
export class OnnxModule extends Module<Tensor[], Tensor | Tensor[]> {
  readonly #session: ort.InferenceSession;

  constructor(
    session: ort.InferenceSession,
    /** What computes. */
    readonly provider: Provider,
    readonly inputs: readonly ValueType[],
    readonly outputs: readonly ValueType[],
  ) {
    super();
    this.#session = session;
  }

  /**
   * Returns at once where the file says which shapes come out; the values are computed meanwhile.
   *
   * @throws {Error} if inputs do not fit the file, or an output's shape is known only when it is computed:
   * use {@linkcode OnnxModule.run} then
   */
  override forward(...inputs: Tensor[]): Tensor | Tensor[] {
    const dimensions = this.#check(inputs);
    const arrays = this.outputs.map((output) => {
      const shape = output.shape.map((dimension) =>
        typeof dimension === "number" ? dimension : dimensions.get(dimension)
      );
      if (shape.every((dimension) => dimension !== undefined)) {
        return new LazyArray(output.dtype, shape);
      }
      throw new Error(
        `output "${output.name}" is ${showType(output)}, whose shape the inputs do not tell; ` +
          `use await module.run(...) instead`,
      );
    });
    const done = this.#compute(inputs, arrays);
    arrays.forEach((array) => array.inFlight = done);
    // Whoever reads a result sees the failure; nobody else need.
    done.catch(() => {});
    return single(arrays.map((array) => new Tensor(array)));
  }

  /** Like a call, for files whose outputs' shapes are known only when they are computed. */
  async run(...inputs: Tensor[]): Promise<Tensor | Tensor[]> {
    this.#check(inputs);
    const results = await runSession(this.#session, await this.#feeds(inputs));
    return single(this.outputs.map(({ name, dtype }) => {
      const { data, dims } = results[name];
      const array = new LazyArray(dtype, [...dims]);
      array.resolve(new HostBuffer(data as Float32Array));
      return new Tensor(array);
    }));
  }

  async #compute(inputs: readonly Tensor[], arrays: readonly LazyArray[]): Promise<void> {
    const buffers = arrays.map(({ dtype, shape }) =>
      new HostBuffer(createStorage(dtype, sizeOf(shape)))
    );
    const fetches = Object.fromEntries(
      arrays.map((array, i) => [this.outputs[i].name, tensorOver(buffers[i], array)]),
    );
    const feeds = await this.#feeds(inputs);
    await runSession(this.#session, feeds, fetches);
    this.outputs.forEach(({ name }, i) => {
      // ONNX Runtime hands such an output over without writing it anywhere.
      if (Object.hasOwn(feeds, name)) buffers[i].data.set(feeds[name].data as never);
    });
    arrays.forEach((array, i) => array.resolve(buffers[i]));
  }

  async #feeds(inputs: readonly Tensor[]): Promise<Record<string, ort.Tensor>> {
    const arrays = inputs.map((input) => input.array);
    await evaluate(arrays);
    return Object.fromEntries(
      arrays.map((array, i) => [this.inputs[i].name, tensorOver(array.buffer, array)]),
    );
  }

  /** AxisSizes of the dynamic axes. */
  #check(inputs: readonly Tensor[]): Map<string, number> {
    if (inputs.length !== this.inputs.length) {
      const names = this.inputs.map(({ name }) => name).join(", ");
      throw new Error(
        `the model takes ${this.inputs.length} inputs (${names}), got ${inputs.length}`,
      );
    }
    const dimensions = new Map<string, number>();
    inputs.forEach((input, i) => checkInput(input, this.inputs[i], dimensions));
    return dimensions;
  }

  override extraRepr(): string {
    const show = (type: ValueType) => `${type.name}: ${showType(type)}`;
    return `${this.inputs.map(show).join(", ")} -> ${this.outputs.map(show).join(", ")}, ` +
      `provider=${this.provider}`;
  }
}

function checkInput(input: Tensor, type: ValueType, dimensions: Map<string, number>): void {
  const fits = input.dtype === type.dtype && input.ndim === type.shape.length &&
    type.shape.every((dimension, axis) => {
      const own = input.shape[axis];
      if (typeof dimension === "number") return dimension === own;
      if (dimension === "") return true;
      const known = dimensions.get(dimension) ?? own;
      dimensions.set(dimension, known);
      return known === own;
    });
  if (fits) return;
  throw new Error(
    `input "${type.name}" is ${input.dtype}${showShape(input.shape)}, expected ${showType(type)}`,
  );
}

function showType({ dtype, shape }: ValueType): string {
  return `${dtype}[${shape.map((dimension) => dimension === "" ? "?" : dimension).join(", ")}]`;
}

function single(tensors: Tensor[]): Tensor | Tensor[] {
  return tensors.length === 1 ? tensors[0] : tensors;
}

/**
 * Opens an ONNX file as a module.
 *
 * @throws {Error} if the file cannot be read or is no model; {ProviderError} if none of the providers can start
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * await torch.onnx.export(new torch.nn.Linear(4, 2), torch.zeros([1, 4]), "linear.onnx");
 * const module = await torch.onnx.load("linear.onnx", { provider: ["cuda", "cpu"] });
 * const logits = module(torch.ones([3, 4])) as torch.Tensor;
 * console.log(module.provider, await logits.tolist());
 * ```
 */
export async function load(
  path: string | URL,
  { provider = "cpu", notice = console.warn }: LoadModelOptions = {},
): Promise<OnnxModule> {
  const bytes = await Deno.readFile(path);
  // ONNX Runtime finds weights beside a file only where it opens the file itself.
  const model = await externalDataOf(path, bytes) ? fileName(path) : bytes;
  const wanted = [provider].flat() as Provider[];
  for (const [i, name] of wanted.entries()) {
    try {
      const session = await openSession(model, name);
      return new OnnxModule(
        session,
        name,
        session.inputMetadata.map(typeOf),
        asDeclared(bytes, session.outputMetadata.map(typeOf)),
      );
    } catch (error) {
      if (!(error instanceof ProviderError)) {
        throw notRunnable(path, error);
      }
      if (i === wanted.length - 1) throw error;
      notice(`${error.message} Falling back to "${wanted[i + 1]}".`);
    }
  }
  throw new Error("load: provider is an empty list, expected at least one name");
}

/** @throws {Error} if weights lie outside of the model's folder, or the file is no model */
async function externalDataOf(path: string | URL, bytes: Uint8Array): Promise<boolean> {
  try {
    return await hasExternalData(path, bytes);
  } catch (error) {
    throw notRunnable(path, error);
  }
}

/** ONNX Runtime names the file too, at whatever length. */
function notRunnable(path: string | URL, error: unknown): Error {
  const text = (error as Error).message.replace(/^Load model from .*? failed:\s*/s, "");
  return new Error(
    `${shortText(String(path), 100)} is no ONNX model that can be run: ${shortMessage(text, 170)}`,
    { cause: error },
  );
}

function fileName(path: string | URL): string {
  return path instanceof URL ? decodeURIComponent(path.pathname) : path;
}

/** Outputs with the names of dimensions that the file gives; what ONNX Runtime infers beyond differs by its version. */
function asDeclared(bytes: Uint8Array, outputs: readonly ValueType[]): ValueType[] {
  const declared = proto.onnx.ModelProto.decode(bytes).graph!.output!;
  return outputs.map((output, i) => {
    const dimensions = declared[i].type?.tensorType?.shape?.dim ?? [];
    const shape = output.shape.map((dimension, axis) =>
      typeof dimension === "number" ? dimension : dimensions[axis]?.dimParam ?? ""
    );
    return { ...output, shape };
  });
}

function typeOf(value: ort.InferenceSession.ValueMetadata): ValueType {
  if (!value.isTensor) throw new Error(`"${value.name}" is no tensor`);
  if (!(DTYPES as readonly string[]).includes(value.type)) {
    throw new Error(`"${value.name}" is ${value.type}, expected one of ${DTYPES.join(", ")}`);
  }
  return { name: value.name, dtype: value.type as DType, shape: value.shape as Shape };
}
