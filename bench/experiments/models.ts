/** `bench models`: which idiom is faster and which ends better, network by network. @module */
import type { Experiment } from "./experiment.ts";
import { named, product } from "./product.ts";

/** Trains a list of networks in every style. */
export const models: Experiment = {
  name: "models",
  command: "models",
  summary: "trains a list of networks in every style: which idiom is faster, which ends better?",
  flags: ["model", "recipe", "dataset", "styles", "peers"],
  defaults: { model: ["all"], recipe: ["fixed"] },
  examples: [
    ["models --limit 5000 --epochs 1 --seeds 3", "all networks of the bench, with intervals"],
    ["models --model resnet20,mobilenetv2 --recipe resnet20 --seeds 3", "two of them"],
    [
      "models --peers peers --batch-size 128",
      "beside PyTorch and Keras, as bench:peers timed them",
    ],
    ["models --styles keras,torch --device cuda --limit 5000 --epochs 1", "on a GPU"],
  ],
  presentation: () => ({
    title: "networks in both idioms",
    table: "networks",
    lead: null,
    verdicts: { figures: ["testAccuracy", "stepMs"], axes: ["style"] },
  }),
  configurations: (input) => named(product(input)),
};
