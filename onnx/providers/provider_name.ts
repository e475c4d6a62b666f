/**
 * The execution providers of ONNX Runtime by name.
 * @module
 */

/** The execution providers that can be asked for. */
export const PROVIDERS = ["cpu", "cuda", "webgpu", "tensorrt"] as const;

/** What ONNX Runtime computes on. */
export type Provider = typeof PROVIDERS[number];
