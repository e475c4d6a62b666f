/**
 * Options and fields of recipes that came without a new version of the report: what their absence in an older one means.
 * @module
 */
import { recipe as published } from "../recipes/presets/published.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { Report } from "./report.ts";

/** What was trained before there were these options. */
const newerOptions: Partial<BenchOptions> = {
  peers: null,
  weights: null,
  skipWeights: [],
  strictDevice: false,
  stepsPerCall: 1,
  threads: null,
};

/** The published experiment has none of what came later. */
const newerRecipeFields: Partial<Recipe> = published;

/** A report with all of today's fields, so that it can be held against one of today. */
export function withNewerFields(report: Report): Report {
  return {
    ...report,
    options: completed(report.options, newerOptions),
    recipes: report.recipes.map((recipe) => completed(recipe, newerRecipeFields)),
  };
}

/** What lacks nothing stays as it is, in the order of its fields: the history's keys depend on it. */
function completed<T extends object>(value: T, byDefault: Partial<T>): T {
  const isWhole = Object.keys(byDefault).every((name) => Object.hasOwn(value, name));
  return isWhole ? value : { ...byDefault, ...value };
}
