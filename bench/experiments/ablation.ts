/** `bench ablation`: from one recipe to another, one change a step. @module */
import { changeRecipe } from "../recipes/mod.ts";
import type { Experiment, ExperimentInput, ModelChoice, ResolvedAblation } from "./experiment.ts";
import { configuration, isWrittenFor, named, type Unnamed } from "./product.ts";

/** Trains one style by a recipe, and again after every single change. */
export const ablation: Experiment = {
  name: "ablation",
  command: "ablation",
  summary: "shows what each difference between two ways of training costs",
  flags: ["model", "recipe", "dataset", "styles", "ablation"],
  examples: [
    ["ablation", "from the published PyTorch variant to the Keras variant, every step once"],
    ["ablation --seeds 5", "every step with a 95 % interval"],
    ["ablation --limit 5000 --epochs 2 --seeds 3", "a quick look"],
    ["ablation --recipe published,fixed --styles torch", "from one recipe to another"],
    [
      "ablation --model resnet20 --ablation resnet20-defaults",
      "what the frameworks' defaults cost",
    ],
    ["ablation --ablation ./mine.json", "a list of changes of one's own"],
  ],
  presentation: ({ ablation }) => ({
    title: `ablation, ${ablation!.title},`,
    table: "steps",
    lead: { chart: "steps", title: "What each difference costs" },
    verdicts: null,
  }),
  configurations: (input) =>
    named(
      input.models.flatMap((model) =>
        input.datasets.map((dataset) => stepsOf(model, dataset, input))
      ).reduce<Unnamed[]>(joined, []),
    ),
};

/** Puts lists together; the places of `before` move along. */
function joined(all: Unnamed[], more: readonly Unnamed[]): Unnamed[] {
  const offset = all.length;
  const moved = more.map((one) => ({
    ...one,
    before: one.before === null ? null : one.before + offset,
  }));
  return [...all, ...moved];
}

function stepsOf(
  model: ModelChoice,
  dataset: string,
  { ablation }: ExperimentInput,
): Unnamed[] {
  const { style, from, fromTitle, end } = ablation!;
  if (!isWrittenFor(model, style)) return [];
  const start = configuration(model, dataset, from, style);
  const steps = [{ name: from.name, title: fromTitle, recipe: from }, ...changedRecipes(ablation!)]
    .map(({ name, title, recipe }, i) => ({
      ...start,
      axes: { ...start.axes, change: name },
      title,
      recipe,
      before: i === 0 ? null : i - 1,
    }));
  if (end === null || !isWrittenFor(model, end.style)) return steps;
  const { title, recipe } = end;
  const last = { ...configuration(model, dataset, recipe, end.style), title };
  return [...steps, { ...last, before: steps.length - 1 }];
}

function changedRecipes({ name, from, changes }: ResolvedAblation) {
  let recipe = from;
  return changes.map((change) => {
    recipe = changeRecipe(recipe, change.recipe, `ablation ${name}, change ${change.name}`);
    return { ...change, recipe };
  });
}
