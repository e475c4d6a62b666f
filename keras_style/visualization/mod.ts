/** Images of data, models and trainings. @module */
export {
  type HistoryLists,
  plotHistory,
  type PlotHistoryOptions,
  type PlottableHistory,
} from "./plot_history.ts";
export { plotModel, type PlotModelOptions } from "./plot_model.ts";
export { type PresentOptions } from "./present.ts";
export { showSamples, type ShowSamplesOptions } from "./show_samples.ts";
