/**
 * Recipes with something changed: by an ablation's step, or by flags.
 * @module
 */
import { checkRecipe } from "./check_recipe.ts";
import type { Recipe, RecipeChange } from "./recipe.ts";

/**
 * A recipe with a change. Objects are merged field by field; one of another kind (another optimizer, another schedule)
 * replaces the old one as a whole.
 *
 * @param place names the change in messages
 * @throws {RecipeError} if the result is no recipe
 *
 * @example
 * ```ts
 * import { loadRecipe } from "./load_recipe.ts";
 * const published = await loadRecipe("published");
 * const change = { torch: { optimizer: { name: "RMSprop", alpha: 0.9 } } } as const;
 * console.log(changeRecipe(published, change, "keras-rmsprop").torch.optimizer);
 * ```
 */
export function changeRecipe(recipe: Recipe, change: RecipeChange, place: string): Recipe {
  return checkRecipe(place, merged(recipe, change));
}

function merged(old: unknown, change: unknown): unknown {
  if (change === undefined) return old;
  if (!isObject(old) || !isObject(change) || isOfAnotherKind(old, change)) return change;
  const fields = Object.entries(change).map(([name, value]) => [name, merged(old[name], value)]);
  return { ...old, ...Object.fromEntries(fields) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a schedule's kind or an optimizer's class changes. A recipe's own name is no kind. */
function isOfAnotherKind(old: Record<string, unknown>, change: Record<string, unknown>): boolean {
  if (change.kind !== undefined) return change.kind !== old.kind;
  return change.name !== undefined && !("epochs" in old) && change.name !== old.name;
}

/** What flags set. */
export interface RecipeOverrides {
  readonly epochs?: number | null;
  readonly batchSize?: number | null;
  /** Of both idioms' optimizers. */
  readonly learningRate?: number | null;
}

/** A recipe with what flags set; null and undefined leave a field as it is. */
export function overrideRecipe(
  recipe: Recipe,
  { epochs, batchSize, learningRate }: RecipeOverrides,
): Recipe {
  return changeRecipe(recipe, {
    epochs: epochs ?? undefined,
    batchSize: batchSize ?? undefined,
    ...learningRate == null ? {} : {
      keras: { optimizer: { learningRate } },
      torch: { optimizer: { lr: learningRate } },
    },
  }, "flags");
}
