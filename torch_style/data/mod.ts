/**
 * Datasets and loaders. Follows https://docs.pytorch.org/docs/stable/data.html
 * @module
 */
export * from "./data_loader.ts";
export * from "./dataset.ts";
