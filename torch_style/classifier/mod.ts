/**
 * The experiment's image classifier in the PyTorch idiom.
 * @module
 */
export * from "./image_dataset.ts";
export * from "./seed_network.ts";
export * from "./torch_classifier.ts";
export * from "./variant.ts";
