/**
 * Sessions of ONNX Runtime: the one place where models are opened and run, so that errors of ONNX Runtime are worded in one way.
 * @module
 */
import "./telemetry.ts";
import * as ort from "onnxruntime-node";
import { type InPlaceOptions, InPlaceSession, type ProgramSession } from "./in_place_session.ts";
import { onnxRuntimeError } from "./onnx_runtime_error.ts";

// What goes wrong is thrown; printed as well it would be a second message, without our remedy.
ort.env.logLevel = "fatal";

/** Opens a model. @throws {OnnxRuntimeError} saying what ONNX Runtime does not like about it */
export async function createSession(
  model: Uint8Array | string,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await (typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options));
  } catch (error) {
    throw onnxRuntimeError(error);
  }
}

/** Opens a program on the CPU whose results are not copied; null where that cannot be. @throws {OnnxRuntimeError} as {@linkcode createSession} */
export function createInPlaceSession(
  model: Uint8Array,
  options: InPlaceOptions,
): InPlaceSession | null {
  try {
    return InPlaceSession.open(model, options);
  } catch (error) {
    throw onnxRuntimeError(error);
  }
}

/** Runs a program; results are written into `fetches`. @throws {OnnxRuntimeError} saying which node failed, and why */
export async function runProgram(
  session: ProgramSession,
  feeds: Record<string, ort.Tensor>,
  fetches: Record<string, ort.Tensor>,
): Promise<void> {
  try {
    await session.run(feeds, fetches);
  } catch (error) {
    throw onnxRuntimeError(error);
  }
}

/** Runs a model; results are written into `fetches` where there are any. @throws {OnnxRuntimeError} saying which node failed, and why */
export async function runSession(
  session: ort.InferenceSession,
  feeds: Record<string, ort.Tensor>,
  fetches?: Record<string, ort.Tensor>,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  try {
    return await (fetches ? session.run(feeds, fetches) : session.run(feeds));
  } catch (error) {
    throw onnxRuntimeError(error);
  }
}
