/**
 * Where the styles' runners are found. Each is imported only when its style runs.
 * @module
 */
import type { StyleRunners } from "./style.ts";

/** The runners of all styles. */
export const runners: StyleRunners = {
  keras: async () => (await import("./keras.ts")).run,
  "keras-advanced": async () => (await import("./keras_advanced.ts")).run,
  torch: async () => (await import("./torch.ts")).run,
};
