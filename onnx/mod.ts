/**
 * Tensor graphs: recorded lazily, written as ONNX models, run by ONNX Runtime.
 *
 * - Here, recording: `lazy_array` (the array and the graph's nodes), `op` (applies an op), `ops/` (all ops, a file a family), `graph`,
 *   `readers` (who reads an array), `structural_key`, `host_evaluation`, `flops`, `rebuild`.
 * - `rewrite/`: rules for all providers, for the CPU, for kernels that a provider lacks.
 * - `export/`: a graph as an ONNX model: lowering, dynamic axes, older operator sets, weights beside the model. `quantization/`: smaller ones.
 * - `files/`: safetensors, TensorBoard's event files, what is read from files and how files are written whole.
 * - `runtime/`: the cache of programs, one call after the other; programs, of one step or several; sessions, memory, workers.
 * - `providers/`: execution providers: how each starts, which kernels it has, what went wrong.
 * @module
 */
export * from "./dtype.ts";
export { type DynamicAxis, joinRecordings } from "./export/dynamic_axes.ts";
export { eventRecord, type EventValue, versionRecord } from "./files/event_file.ts";
export { EventWriter, histogramOf } from "./files/event_writer.ts";
export { OnnxRuntimeError } from "./runtime/onnx_runtime_error.ts";
export { type ExternalDataOptions, hasExternalData } from "./export/external_data.ts";
export { withDimensions } from "./export/fixed_dimensions.ts";
export { countFlops, countGraphFlops, flopsOf } from "./flops.ts";
export * from "./graph.ts";
export * from "./export/graph_writer.ts";
export { hostValues, valuesNow } from "./host_evaluation.ts";
export * from "./lazy_array.ts";
export * from "./export/lowering.ts";
export * from "./export/model_file.ts";
export {
  float,
  type FloatAttribute,
  floats,
  type FloatsAttribute,
  type NodeAttribute,
} from "./export/node_attributes.ts";
export { OLDEST_OPSET } from "./export/opsets.ts";
export * from "./op.ts";
export * as ops from "./ops/mod.ts";
export { checkRandomState, RandomStream } from "./ops/random.ts";
export * from "./quantization/mod.ts";
export { countReader, Readers, readingForStep } from "./readers.ts";
export * from "./rebuild.ts";
export { tensorOver } from "./runtime/tensors.ts";
export { deviceBytes, type DeviceTraffic, deviceTraffic } from "./runtime/device_buffer.ts";
export { ProgramWorkers } from "./runtime/program_workers.ts";
export * from "./providers/provider.ts";
export { limitThreads, threadLimit } from "./providers/threads.ts";
export { describePlacement, joinPlacements, type Placement } from "./providers/mod.ts";
export * from "./runtime/default_runtime.ts";
export * from "./runtime/runtime.ts";
export * from "./files/safetensors.ts";
export { runSession } from "./runtime/session.ts";
export * from "./shape.ts";
export * from "./files/untrusted.ts";
export { TELEMETRY_OFF } from "./runtime/telemetry.ts";
export { writeBeside } from "./files/write_beside.ts";
