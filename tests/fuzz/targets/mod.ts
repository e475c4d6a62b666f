/** The targets: files of this folder, by their names. */
export const targetNames: readonly string[] = [
  "safetensors",
  "checkpoint",
  "keras_model",
  "report",
];
