/**
 * How many channels this machine's CPU kernels of ONNX Runtime keep side by side.
 * @module
 */
import * as ort from "onnxruntime-node";
import { GraphWriter } from "../../export/graph_writer.ts";
import { openSession } from "../../providers/provider.ts";
import { runSession } from "../../runtime/session.ts";
import { NCHWC_DOMAIN } from "./layout.ts";

let known: Promise<number | undefined> | undefined;

/** 16 with AVX-512, 8 with AVX2, as ONNX Runtime says itself; undefined where it has no such kernels. Asked once. */
export function channelBlock(): Promise<number | undefined> {
  return known ??= askRuntime();
}

/** Four channels are filled up to one block. */
const ASKED = 4;

async function askRuntime(): Promise<number | undefined> {
  const writer = new GraphWriter();
  const type = { dtype: "float32", shape: [1, ASKED, 1, 1] } as const;
  writer.input("x", type);
  const blocked = writer.node("ReorderInput", ["x"], { domain: NCHWC_DOMAIN });
  writer.nameOutput(blocked, "y");
  writer.output("y", type, [1, "block", 1, 1]);
  try {
    const session = await openSession(writer.encode(), "cpu");
    const { y } = await runSession(session, {
      x: new ort.Tensor(new Float32Array(ASKED), type.shape),
    });
    await session.release();
    return y.dims[1] > ASKED ? y.dims[1] : undefined;
  } catch {
    return undefined;
  }
}
