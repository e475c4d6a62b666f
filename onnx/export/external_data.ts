/**
 * Weights in a file beside the model's: what a protocol buffer of at most 2 GiB cannot hold.
 *
 * Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
 * @module
 */
import { basename, dirname, isAbsolute, join, normalize, sep as SEPARATOR } from "node:path";
import proto from "onnx-proto";
import { encodeModel } from "./graph_writer.ts";
import { writeAll, writeAllBeside, writeBeside } from "../files/write_beside.ts";

/** What a protocol buffer can hold, with room for everything but weights. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;
/** Where tensors begin in the file, so that they can be mapped into memory. */
const ALIGNMENT = 4096;
/** `TensorProto.DataLocation.EXTERNAL` */
const EXTERNAL = 1;

/** Options of files that may have weights beside them. */
export interface ExternalDataOptions {
  /**
   * Tensors of at least so many bytes go into a file of their own, `MODEL.data`. Unless given, those of 1,024 bytes of a model
   * that would be larger than 2 GiB do.
   */
  readonly externalDataThreshold?: number;
}

/** Writes a model, and its large weights beside it if so wanted or if there is no other way. */
export async function writeModelWithData(
  path: string | URL,
  model: proto.onnx.ModelProto,
  { externalDataThreshold }: ExternalDataOptions,
): Promise<void> {
  const all = model.graph!.initializer!;
  const total = all.reduce((n, tensor) => n + (tensor.rawData?.length ?? 0), 0);
  const threshold = externalDataThreshold ?? (total > MOST_BYTES ? 1024 : Infinity);
  if (!(threshold >= 0)) {
    throw new Error(
      `export: externalDataThreshold is ${threshold}, expected a number of at least 0`,
    );
  }
  const large = all.filter((tensor) => (tensor.rawData?.length ?? 0) >= threshold);
  if (large.length === 0) return await writeBeside(path, encodeModel(model));
  const dataPath = pathOf(path) + ".data";
  const parts = moveOut(large, basename(dataPath));
  const encoded = encodeModel(model);
  await writeAllBeside([
    { path: dataPath, write: (file) => writeParts(file, parts) },
    { path, write: (file) => writeAll(file, encoded) },
  ]);
}

function pathOf(path: string | URL): string {
  return path instanceof URL ? decodeURIComponent(path.pathname) : path;
}

/** Bytes of a file and where they begin in it. */
interface FilePart {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Takes the values out of tensors, which say from then on where in a file they are. */
function moveOut(tensors: readonly proto.onnx.ITensorProto[], location: string): FilePart[] {
  let end = 0;
  return tensors.map((tensor) => {
    const data = tensor.rawData!;
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = offset + data.length;
    const place = { location, offset: String(offset), length: String(data.length) };
    tensor.externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
    tensor.dataLocation = EXTERNAL;
    delete tensor.rawData;
    return { offset, data };
  });
}

async function writeParts(file: Deno.FsFile, parts: readonly FilePart[]): Promise<void> {
  for (const { offset, data } of parts) {
    await file.seek(offset, Deno.SeekMode.Start);
    await writeAll(file, data);
  }
}

/**
 * Whether a model has weights beside it, each inside the model's folder: a file from somebody else must not read others.
 *
 * @throws {Error} naming the tensor and its file if that lies elsewhere, links followed, or is too short
 */
export async function hasExternalData(path: string | URL, bytes: Uint8Array): Promise<boolean> {
  const own = pathOf(path);
  const graph = proto.onnx.ModelProto.decode(bytes).graph;
  const external = (graph?.initializer ?? []).filter((tensor) =>
    Number(tensor.dataLocation ?? 0) === EXTERNAL
  );
  if (external.length === 0) return false;
  const folder = await Deno.realPath(dirname(own) || ".");
  for (const tensor of external) {
    const entries = new Map(tensor.externalData!.map(({ key, value }) => [key!, value!]));
    const location = entries.get("location") ?? "";
    const inside = location !== "" && !isAbsolute(location) &&
      !normalize(location).startsWith("..");
    const real = inside
      ? await Deno.realPath(join(folder, location)).catch(() => undefined)
      : undefined;
    if (inside && real === undefined) {
      throw new Error(`"${own}": weight "${tensor.name}" is in "${location}", which is not there`);
    }
    if (!real || !real.startsWith(folder + SEPARATOR)) {
      throw new Error(
        `"${own}": weight "${tensor.name}" is in "${location}", expected a file inside the model's folder`,
      );
    }
    const end = Number(entries.get("offset") ?? 0) + Number(entries.get("length") ?? 0);
    const { size } = await Deno.stat(real);
    if (!(end <= size)) {
      throw new Error(
        `"${own}": weight "${tensor.name}" ends at byte ${end} of "${location}", which has ${size}`,
      );
    }
  }
  return true;
}
