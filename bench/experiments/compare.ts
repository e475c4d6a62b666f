/** `bench run`: every model, on every data set, by every recipe, in every style. @module */
import type { Experiment } from "./experiment.ts";
import { named, product } from "./product.ts";

/** Trains every combination of what is named. */
export const compare: Experiment = {
  name: "compare",
  command: "run",
  summary: "trains a model in every style and reports time and accuracy (the default)",
  flags: ["model", "recipe", "dataset", "styles"],
  examples: [
    ["", "the published experiment, all styles"],
    ["--limit 2000 --epochs 2", "a quick look"],
    ["--styles torch --recipe fixed", "PyTorch's idiom, trained without the published quirks"],
    ["--model ./my_model.ts", "a model of one's own; `bench init` writes one to start from"],
    ["run --model published_cnn,mlp --recipe published,fixed", "two models, each by two recipes"],
    ["run --seeds 5", "means, intervals and paired tests over five seeds"],
    ["run --seeds 8 --shard 2/4 --out shards/2", "the second quarter of it, on another machine"],
  ],
  presentation: ({ recipes }) => ({
    title: recipes.length === 1 ? `${recipes[0].name} experiment` : "comparison",
    table: "figures",
    lead: null,
    verdicts: {
      figures: ["testAccuracy", "stepMs"],
      axes: ["model", "dataset", "recipe", "style"],
    },
  }),
  configurations: (input) => named(product(input)),
};
