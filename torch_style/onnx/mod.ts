/**
 * Modules as ONNX files. Follows https://docs.pytorch.org/docs/stable/onnx.html
 * @module
 */
export { type DynamicAxes, exportModule as export, type ExportOptions } from "./export.ts";
export { load, type LoadModelOptions, OnnxModule, type ValueType } from "./load.ts";
