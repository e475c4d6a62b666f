/**
 * The product of axes: every model on every data set by every recipe in every style.
 * @module
 */
import type { Recipe } from "../recipes/recipe.ts";
import type { PlannedConfiguration } from "../runner/plan.ts";
import type { Axes, StyleName } from "../runner/trials/trial.ts";
import type { AxisName, ExperimentInput, ModelChoice } from "./experiment.ts";

/** A configuration without its name; `before` is the place in the list of the one that it is a change of. */
export interface Unnamed extends Omit<PlannedConfiguration, "name" | "before"> {
  before: number | null;
}

/** Whether a model is written in the idiom of a style. */
export function isWrittenFor({ idioms }: ModelChoice, style: StyleName): boolean {
  return idioms.includes(style === "torch" ? "torch" : "keras");
}

/** A combination of models, data sets, recipes and styles, as far as the model is written in the style's idiom. */
export function product(
  { models, datasets, recipes, styles }: Pick<
    ExperimentInput,
    "models" | "datasets" | "recipes" | "styles"
  >,
): Unnamed[] {
  return models.flatMap((model) =>
    datasets.flatMap((dataset) =>
      recipes.flatMap((recipe) =>
        styles.filter((style) => isWrittenFor(model, style))
          .map((style) => configuration(model, dataset, recipe, style))
      )
    )
  );
}

/** One combination. */
export function configuration(
  { name, file }: ModelChoice,
  dataset: string,
  recipe: Recipe,
  style: StyleName,
): Unnamed {
  const axes = { model: name, recipe: recipe.name, dataset, style, layout: null, change: null };
  return { axes, title: null, before: null, model: { name, file }, recipe };
}

/** The order of axes in names. */
const nameOrder: readonly AxisName[] = ["model", "dataset", "recipe", "style", "change", "layout"];

/** Names configurations by their style and by the axes that vary. */
export function named(all: readonly Unnamed[]): PlannedConfiguration[] {
  const varied = nameOrder.filter((axis) =>
    axis === "style" || new Set(all.map(({ axes }) => axes[axis])).size > 1
  );
  const names = all.map(({ axes }) => nameOf(axes, varied));
  return all.map(({ before, ...others }, i) => ({
    name: names[i],
    ...others,
    before: before === null ? null : names[before],
  }));
}

function nameOf(axes: Axes, varied: readonly AxisName[]): string {
  return varied.map((axis) => axes[axis]).filter((part) => part !== null).join("/");
}
