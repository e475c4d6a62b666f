/**
 * The `onnxruntime` engine for TensorFlow.js: importing this registers it.
 *
 * - The engine: `onnxruntime_backend` over `data_entry` and `retired_memory`; `kernel` and `host_kernel` declare kernels, all of
 *   which stand in `kernels/`.
 * - What TensorFlow.js lacks: `kernel_gradients`, `reduction_gradients`, `grouped_convolution`, `variable_writes`, `float_type` and
 *   `float_scope` (short floating point types).
 * - Which engine computes: `select_engine`, `tfjs_node`, `setup_tfjs_node` (the task) over `tfjs_node_setup/`.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activeBackend, BACKEND_NAME, OnnxRuntimeBackend } from "./onnxruntime_backend.ts";
import { listenToAssign } from "./variable_writes.ts";
import type { FloatType } from "./float_scope.ts";
import { fitting, registerFloatTypes } from "./float_type.ts";
import { defineKernel } from "./kernel.ts";
import "./kernels/mod.ts";
import "./kernel_gradients.ts";
import "./reduction_gradients.ts";

export {
  activeBackend,
  BACKEND_NAME,
  inOneCall,
  OnnxRuntimeBackend,
  type TraceListener,
} from "./onnxruntime_backend.ts";
export {
  EngineError,
  type EngineName,
  ENGINES,
  type SelectedEngine,
  selectEngine,
  type SelectEngineOptions,
} from "./select_engine.ts";

export { type FloatType, floatType, withFloatType } from "./float_scope.ts";
export { castFloat, elementType, large, proveFloatType } from "./float_type.ts";

export type { VariableWrite } from "./variable_writes.ts";

// Priority 0: TensorFlow.js never chooses it by itself, selectEngine does.
tf.registerBackend(BACKEND_NAME, () => new OnnxRuntimeBackend(), 0);
listenToAssign(activeBackend, fitting);
registerFloatTypes((name, rule) =>
  defineKernel<{ to: FloatType }>(name, ({ x }, { to }) => rule(x, to))
);
