/**
 * Whose training steps are compared.
 * @module
 */

/**
 * Who trains: this idiom on one of its engines, or TensorFlow.js' own layers and `fit` on libtensorflow, as somebody does
 * who has tfjs-node and nothing of ours.
 */
export const TRAINERS = ["onnxruntime", "tfjs-node", "plain tfjs-node"] as const;

/** One of them. */
export type Trainer = typeof TRAINERS[number];
