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
export { OLDEST_OPSET } from "./export/older_opsets.ts";
export * from "./op.ts";
export * as ops from "./ops/mod.ts";
export { checkRandomState, RandomStream } from "./ops/random.ts";
export * from "./quantization/mod.ts";
export * from "./rebuild.ts";
export { tensorOver } from "./runtime/program.ts";
export { deviceBytes, type DeviceTraffic, deviceTraffic } from "./runtime/device_buffer.ts";
export { ProgramWorkers } from "./runtime/program_workers.ts";
export * from "./providers/provider.ts";
export { describePlacement, joinPlacements, type Placement } from "./providers/mod.ts";
export * from "./runtime/default_runtime.ts";
export * from "./runtime/runtime.ts";
export * from "./files/safetensors.ts";
export { runSession } from "./runtime/session.ts";
export * from "./shape.ts";
export * from "./files/untrusted.ts";
export { TELEMETRY_OFF } from "./runtime/telemetry.ts";
export { writeBeside } from "./files/write_beside.ts";
