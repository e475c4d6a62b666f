/** How to train: plain data that drives every style. @module */
export { changeRecipe, overrideRecipe, type RecipeOverrides } from "./change_recipe.ts";
export { checkRecipe } from "./check_recipe.ts";
export { loadRecipe, recipeNames } from "./load_recipe.ts";
export * from "./recipe.ts";
