/** The targets: files of this folder, by their names. */
export const targetNames: readonly string[] = [
  "safetensors",
  "checkpoint",
  "keras_model",
  "keras_archive",
  "onnx_model",
  "archive",
  "images",
  "report",
  "recipe",
  "command_line",
];
