/**
 * Which nodes of a model an execution provider leaves to the CPU.
 * @module
 */
import * as ort from "onnxruntime-node";
import { createStorage, type DType } from "../dtype.ts";
import { sizeOf } from "../shape.ts";

/** What runs elsewhere than on the provider that was asked for. */
export interface Placement {
  /** Nodes that the CPU computes: the operator of each. */
  readonly onCpu: readonly string[];
  /** Copies of arrays between the provider's memory and the host's, within a call. */
  readonly copies: number;
}

/** The input of a program that says how many rounds its loop of steps runs. */
export const ROUNDS = "steps";

/** Everything on the provider. */
export const WHOLE: Placement = { onCpu: [], copies: 0 };

/** "3 on the CPU (2 Sign, 1 Round)" */
export function describePlacement({ onCpu, copies }: Placement): string {
  const counts = new Map<string, number>();
  for (const operator of onCpu) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const named = [...counts].map(([operator, count]) => `${count} ${operator}`).join(", ");
  const copied = copies > 0 ? `, ${copies} copies between host and device` : "";
  return `${onCpu.length} ${onCpu.length === 1 ? "node" : "nodes"} on the CPU (${named})${copied}`;
}

/** Joins what several calls leave to the CPU. */
export function joinPlacements(placements: readonly Placement[]): Placement {
  return {
    onCpu: placements.flatMap((each) => each.onCpu),
    copies: placements.reduce((sum, each) => sum + each.copies, 0),
  };
}

/** An event of ONNX Runtime's profile. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/**
 * Runs a model once on zeros and reads from ONNX Runtime's profile where its nodes ran.
 *
 * @param open opens the model with more options
 */
export async function profiledPlacement(
  open: (more: ort.InferenceSession.SessionOptions) => Promise<ort.InferenceSession>,
): Promise<Placement> {
  const folder = await Deno.makeTempDir({ prefix: "tandem_profile_" });
  try {
    const session = await open({ enableProfiling: true, profileFilePrefix: `${folder}/p` });
    try {
      await session.run(zeroFeeds(session));
    } finally {
      session.endProfiling();
      await session.release();
    }
    const [file] = [...Deno.readDirSync(folder)];
    const events: ProfileEvent[] = JSON.parse(await Deno.readTextFile(`${folder}/${file.name}`));
    return placementIn(events);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function placementIn(events: readonly ProfileEvent[]): Placement {
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  const isCopy = (event: ProfileEvent) => /^Memcpy/.test(event.args?.op_name ?? "");
  const onCpu = kernels.filter((event) =>
    event.args?.provider === "CPUExecutionProvider" && !isCopy(event)
  );
  return {
    onCpu: onCpu.map(({ args }) => args?.op_name ?? "?"),
    copies: kernels.filter(isCopy).length,
  };
}

function zeroFeeds(session: ort.InferenceSession): Record<string, ort.Tensor> {
  return Object.fromEntries(session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new TypeError(`input ${input.name} is no tensor`);
    const shape = input.shape.map((dimension) => typeof dimension === "number" ? dimension : 1);
    const feed = zeros(input.type as DType, shape);
    // A loop that runs no round shows none of its nodes.
    if (input.name === ROUNDS) (feed.data as BigInt64Array)[0] = 1n;
    return [input.name, feed];
  }));
}

function zeros(dtype: DType, shape: readonly number[]): ort.Tensor {
  const size = sizeOf(shape);
  const data = dtype === "bool"
    ? new Uint8Array(size)
    : dtype === "float16"
    ? new Uint16Array(size)
    : createStorage(dtype, size);
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}
