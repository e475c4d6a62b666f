/**
 * Changes of images on their way into a batch, on the host. Follows
 * https://docs.pytorch.org/vision/stable/transforms.html
 * @module
 */
export * from "./color.ts";
export * from "./compose.ts";
export * from "./geometry.ts";
export * from "./adjustments.ts";
export * from "./affine.ts";
export * from "./augmentation.ts";
export * from "./mixing.ts";
