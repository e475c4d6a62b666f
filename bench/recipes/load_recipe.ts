/**
 * Finds a recipe: by its name among the presets, or in a user's file.
 * @module
 */
import { parseUntrustedJson, shortText } from "../../onnx/mod.ts";
import { suggest } from "../nearest_name.ts";
import { importUserModule, isModuleFile, userError } from "../user_module.ts";
import { checkRecipe } from "./check_recipe.ts";
import { type Recipe, RecipeError } from "./recipe.ts";

/** Where the bench's own recipes are: one file each. */
const ownFolder = new URL("./presets/", import.meta.url);

/** Names of the recipes in a folder. */
export async function recipeNames(folder: URL = ownFolder): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.endsWith(".ts")) names.push(name.slice(0, -".ts".length));
  }
  // The published one first: it is the default.
  return names.sort((a, b) =>
    Number(b === "published") - Number(a === "published") || (a < b ? -1 : 1)
  );
}

/**
 * Finds a recipe.
 *
 * @param nameOrFile a preset's name, a `.json` file, or a module that exports `recipe`
 * @throws {RecipeError} for an unknown name, or a file whose recipe is wrong, naming the field
 * @throws {UserModuleError} for a file that is not there or cannot be read
 */
export async function loadRecipe(nameOrFile: string, folder: URL = ownFolder): Promise<Recipe> {
  if (isModuleFile(nameOrFile)) return await recipeOfFile(nameOrFile);
  const names = await recipeNames(folder);
  if (!names.includes(nameOrFile)) {
    throw new RecipeError(
      `--recipe: ${shortText(nameOrFile)} is unknown${suggest(nameOrFile, names)}; ` +
        `expected one of ${names.join(", ")}, or a file such as ./mine.json`,
    );
  }
  const { recipe } = await import(new URL(`${nameOrFile}.ts`, folder).href);
  return checkRecipe(`bench/recipes/presets/${nameOrFile}.ts`, recipe);
}

async function recipeOfFile(path: string): Promise<Recipe> {
  const place = `--recipe: ${path}`;
  if (path.endsWith(".json")) return checkRecipe(place, await readJson(path));
  const { recipe } = await importUserModule("--recipe", path);
  if (recipe !== undefined) return checkRecipe(place, recipe);
  throw new RecipeError(`${place}: exports no recipe; expected export const recipe = { ... }`);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return parseUntrustedJson(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new RecipeError(`--recipe: there is no file "${path}"`);
    }
    throw userError("--recipe", path, error);
  }
}
