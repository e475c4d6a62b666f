/**
 * Modules as ONNX files. Follows https://docs.pytorch.org/docs/stable/onnx.html
 * @module
 */
export { exportModule as export, type ExportOptions } from "./export.ts";
