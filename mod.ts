/**
 * Tandem: the same image classifier in the Keras idiom and in the PyTorch idiom, on one engine.
 * @module
 */
export * as bench from "./bench/mod.ts";
export * as datasets from "./fixtures/mod.ts";
export * as keras from "./keras_style/mod.ts";
export * as models from "./bench/models/mod.ts";
export * as onnx from "./onnx/mod.ts";
export * as torch from "./torch_style/mod.ts";
