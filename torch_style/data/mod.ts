/**
 * Datasets and loaders. Follows https://docs.pytorch.org/docs/stable/data.html
 * @module
 */
export { type Collated, defaultCollate } from "./collate.ts";
export { DataLoader, type DataLoaderOptions } from "./data_loader.ts";
export {
  ConcatDataset,
  type Dataset,
  type IterableDataset,
  type Sample,
  Subset,
  TensorDataset,
} from "./dataset.ts";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed_sampler.ts";
export { randomSplit } from "./random_split.ts";
export * from "./sampler.ts";
export { getWorkerInfo, type WorkerInfo } from "./worker_info.ts";
export type { WorkerSource } from "./worker_messages.ts";
export {
  ImageFolder,
  type ImageFolderOptions,
  TransformedDataset,
  type TransformOptions,
} from "./transformed_dataset.ts";
