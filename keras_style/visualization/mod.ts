/** Pictures of data, models and trainings. @module */
export { type PresentOptions } from "./present.ts";
export { showSamples, type ShowSamplesOptions } from "./show_samples.ts";
