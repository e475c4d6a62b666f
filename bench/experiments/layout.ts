/** `bench layout`: channels first or last. @module */
import { layouts } from "../runner/trials/trial.ts";
import type { Experiment } from "./experiment.ts";
import { named, product } from "./product.ts";

/** Trains every combination channels-first and channels-last. */
export const layout: Experiment = {
  name: "layout",
  command: "layout",
  summary:
    "measures whether channels-first or channels-last is faster on this machine and provider",
  flags: ["model", "recipe", "dataset", "styles"],
  examples: [
    ["layout --epochs 1 --seeds 3", "every style in both layouts, three times"],
    ["layout --styles torch --device cuda", "the PyTorch idiom on a GPU"],
  ],
  presentation: () => ({
    title: "channels-first or channels-last",
    table: "figures",
    lead: { chart: "step-time", title: "Channels first or last" },
    verdicts: { figures: ["stepMs"], axes: ["layout"] },
  }),
  configurations: (input) =>
    named(
      product(input).flatMap((base) =>
        layouts.map((layout) => ({ ...base, axes: { ...base.axes, layout } }))
      ),
    ),
};
