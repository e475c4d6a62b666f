/**
 * Tensor graphs: recorded lazily, written as ONNX models, run by ONNX Runtime.
 * @module
 */
export * from "./dtype.ts";
export { type DynamicAxis, joinRecordings } from "./dynamic_axes.ts";
export { eventRecord, type EventValue, versionRecord } from "./event_file.ts";
export { EventWriter, histogramOf } from "./event_writer.ts";
export { OnnxRuntimeError } from "./onnx_runtime_error.ts";
export { type ExternalDataOptions, hasExternalData } from "./external_data.ts";
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
export { deviceBytes } from "./device_buffer.ts";
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
