/** Networks that the bench trains, each in both idioms, and a user's own. @module */
export {
  type BenchModel,
  type KerasBuilder,
  type KerasModelModule,
  type KerasSpec,
  ModelError,
  type ModelSpec,
  type NameMaps,
  type NameRule,
  type PublishedFigures,
  type TorchModelClass,
  type TorchModelModule,
} from "./bench_model.ts";
export { convert, type ConvertOptions } from "./convert.ts";
export { loadModel, modelNames } from "./load_model.ts";
export { modelTemplate, templateFile } from "./template.ts";
