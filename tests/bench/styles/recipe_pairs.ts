/** Every two settings of a recipe that are taken together are trained together, in both idioms: `deno task test:recipes`. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  changeRecipe,
  loadRecipe,
  type RecipeChange,
  RecipeError,
} from "../../../bench/recipes/mod.ts";
import { trial } from "../runner/trial_requests.ts";

const file = fileURLToPath(new URL("./small_network.ts", import.meta.url));

const settings: Record<string, RecipeChange> = {
  cosine: { schedule: { kind: "cosine", warmupSteps: 2, finalFactor: 0.1 } },
  smoothing: { labelSmoothing: 0.1 },
  flips: { augmentation: { horizontalFlip: "random", crop: { padding: 1, fill: "black" } } },
  mixup: { augmentation: { mixing: { kind: "mixup", alpha: 1 } } },
  coupled: { weightDecay: { kind: "coupled", rate: 0.05, on: "weights" } },
  decoupled: { weightDecay: { kind: "decoupled", rate: 0.05, on: "all" } },
  norms: { normRateFactor: 3 },
  "first layer": { firstLayerEpochs: 1 },
  accumulation: { accumulation: 2 },
  clipping: { clipNorm: 0.5 },
  average: { weightAverage: { decay: 0.5, overwriteEvery: 3 } },
  lookahead: { lookahead: { every: 2, decay: 0.5, power: 1 } },
  stopping: { earlyStopping: { patience: 1, minDelta: 0, restoreBest: true } },
  flip: { testTimeFlip: true },
  shift: { testTimeShift: 1 },
  standardized: { keras: { inputRange: "standardized" }, torch: { inputRange: "standardized" } },
  softmax: { keras: { softmaxInModel: true }, torch: { softmaxBeforeLoss: true } },
  constants: {
    keras: { batchNormalization: { momentum: 0.7, epsilon: 1e-3 } },
    torch: { batchNorm: { momentum: 0.3, eps: 1e-3 } },
  },
  dropout: { torch: { dropoutAtEvaluation: true } },
  initialization: { torch: { initialization: "keras" } },
};

/** What a recipe refuses, with its reason. */
const refused: readonly string[] = [
  "first layer, average",
  "accumulation, average",
  "accumulation, lookahead",
  "average, lookahead",
  "flip, dropout",
  "shift, dropout",
];

const fixed = await loadRecipe("fixed");
const names = Object.keys(settings);
const pairs = names.flatMap((first, i) => names.slice(i + 1).map((second) => [first, second]));

for (const style of ["torch", "keras"] as const) {
  Deno.test(`${style}: every two settings of a recipe are trained together, or refused by name`, async () => {
    const notTaken: string[] = [];
    for (const [first, second] of pairs) {
      const title = `${first}, ${second}`;
      let change: RecipeChange;
      try {
        const recipe = changeRecipe(fixed, { ...settings[first], epochs: 2 }, "one");
        change = changeRecipe(recipe, settings[second], "two");
      } catch (error) {
        assert(error instanceof RecipeError, title);
        notTaken.push(title);
        continue;
      }
      const { error, state, onnxAgreement } = await trial({ style, file, change });
      assertEquals([title, error, state], [title, null, "done"]);
      assert(onnxAgreement === 1, `${title}: ${onnxAgreement} of the classes are the file's`);
    }
    assertEquals(notTaken, refused);
  });
}
