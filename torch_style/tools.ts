/**
 * What PyTorch has under `torch.utils`.
 * @module
 */
export * as data from "./data/mod.ts";
export * as tensorboard from "./tensorboard/mod.ts";
