/**
 * Tensor graphs: recorded lazily, written as ONNX models, run by ONNX Runtime.
 *
 * - Recording: `lazy_array` (the array and the graph's nodes), `op` (applies an op), `ops/` (all ops, a file a family), `graph`,
 *   `structural_key`, `flops`, `rebuild`.
 * - Rewriting: `rewrite/` (rules for all providers, for the CPU, for kernels that a provider lacks).
 * - Writing: `graph_writer`, `lowering`; files: `model_file`, `dynamic_axes`, `fixed_dimensions`, `older_opsets`, `external_data`, `quantization/`,
 *   `safetensors`, `event_file` (TensorBoard's), `write_beside`, `untrusted` (what is read from files).
 * - Running: `runtime` (the cache of programs, one call after the other), `program`, `steps_program` (several steps in one call),
 *   `program_workers`, `session`, `in_place_session` and `c_interface`, `buffer_pool`, `device_buffer`, `host_evaluation`.
 * - Execution providers: `provider`, `providers/` (which kernels each has, what went wrong).
 * @module
 */
export * from "./dtype.ts";
export { type DynamicAxis, joinRecordings } from "./dynamic_axes.ts";
export { eventRecord, type EventValue, versionRecord } from "./event_file.ts";
export { EventWriter, histogramOf } from "./event_writer.ts";
export { OnnxRuntimeError } from "./onnx_runtime_error.ts";
export { type ExternalDataOptions, hasExternalData } from "./external_data.ts";
export { withDimensions } from "./fixed_dimensions.ts";
export { countFlops, countGraphFlops, flopsOf } from "./flops.ts";
export * from "./graph.ts";
export * from "./graph_writer.ts";
export { hostValues, valuesNow } from "./host_evaluation.ts";
export * from "./lazy_array.ts";
export * from "./lowering.ts";
export * from "./model_file.ts";
export { OLDEST_OPSET } from "./older_opsets.ts";
export * from "./op.ts";
export * as ops from "./ops/mod.ts";
export { checkRandomState, RandomStream } from "./ops/random.ts";
export * from "./quantization/mod.ts";
export * from "./rebuild.ts";
export { tensorOver } from "./program.ts";
export { deviceBytes, type DeviceTraffic, deviceTraffic } from "./device_buffer.ts";
export { ProgramWorkers } from "./program_workers.ts";
export * from "./provider.ts";
export { describePlacement, joinPlacements, type Placement } from "./providers/mod.ts";
export * from "./default_runtime.ts";
export * from "./runtime.ts";
export * from "./safetensors.ts";
export { runSession } from "./session.ts";
export * from "./shape.ts";
export * from "./untrusted.ts";
export { TELEMETRY_OFF } from "./telemetry.ts";
export { writeBeside } from "./write_beside.ts";
