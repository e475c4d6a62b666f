/**
 * Turns names and files of the command line into what an experiment is made of.
 * @module
 */
import { loadModel, modelNames } from "../models/mod.ts";
import { suggest } from "../nearest_name.ts";
import { loadRecipe, overrideRecipe, type Recipe } from "../recipes/mod.ts";
import type { BenchOptions } from "../runner/options.ts";
import { styleNames } from "../runner/trials/trial.ts";
import { readUserFile } from "../runner/processes/user_file.ts";
import { isModuleFile } from "../user_module.ts";
import { type Ablation, ablations, changesBetween } from "./ablation_list.ts";
import { AblationError, checkAblation } from "./check_ablation.ts";
import type { Experiment, ExperimentInput, ModelChoice, ResolvedAblation } from "./experiment.ts";
import { isWrittenFor } from "./product.ts";

/** Options that do not fit together, or to a file; the message is one line for the user. */
export class ExperimentError extends Error {
  override name = "ExperimentError";
}

/** What an experiment is made of, and remarks for its report. */
export interface ResolvedExperiment {
  input: ExperimentInput;
  notes: string[];
}

/**
 * Loads what the options name.
 *
 * @throws an error of one line for an unknown name, a file that cannot be used, or what does not fit together
 */
export async function resolveExperiment(
  experiment: Experiment,
  options: BenchOptions,
): Promise<ResolvedExperiment> {
  const takesAblation = experiment.flags.includes("ablation");
  const input: ExperimentInput = {
    models: await Promise.all((await modelsOf(options)).map(modelNamed)),
    recipes: await Promise.all(options.recipe.map((name) => recipeNamed(name, options))),
    datasets: options.dataset,
    styles: options.styles,
    ablation: takesAblation ? await ablationOf(options) : null,
  };
  refuseSameNames("--model", input.models);
  refuseSameNames("--recipe", input.recipes);
  if (options.dataDir !== null && options.dataset.length > 1) {
    throw new ExperimentError(
      `--data-dir: one folder is given and --dataset lists ${options.dataset.length} data sets`,
    );
  }
  return { input, notes: leftOut(input) };
}

/** The names that are given; `all` stands for every network of the bench. */
async function modelsOf({ model }: BenchOptions): Promise<string[]> {
  const names = await Promise.all(model.map((name) => name === "all" ? modelNames() : [name]));
  return [...new Set(names.flat())];
}

async function modelNamed(name: string): Promise<ModelChoice> {
  if (isModuleFile(name)) return await readUserFile("model", name) as ModelChoice;
  const model = await loadModel(name);
  return {
    name: model.name,
    title: model.title,
    source: model.source,
    file: null,
    idioms: (["keras", "torch"] as const).filter((idiom) => model[idiom] !== null),
  };
}

async function recipeNamed(name: string, options: BenchOptions): Promise<Recipe> {
  const recipe = isModuleFile(name)
    ? await readUserFile("recipe", name) as Recipe
    : await loadRecipe(name);
  return overrideRecipe(recipe, options);
}

async function ablationOf(options: BenchOptions): Promise<ResolvedAblation> {
  const isBetween = options.recipe.length > 1 || options.recipe[0] !== "published";
  if (isBetween) return await ablationBetween(options);
  const { from, end, ...others } = await ablationNamed(options.ablation ?? ablations[0].name);
  refuseOtherStyle(others, options);
  return {
    ...others,
    from: await recipeNamed(from, options),
    end: end && { ...end, recipe: await recipeNamed(end.recipe, options) },
  };
}

/** A list of changes is one of a style; all of them are what is not given. */
function refuseOtherStyle(
  { name, style }: Pick<Ablation, "name" | "style">,
  { styles }: BenchOptions,
): void {
  if (styles.length === styleNames.length || styles.join() === style) return;
  throw new ExperimentError(
    `--styles: ${styles} is not what the ablation ${name} trains, which is ${style}; leave it out, ` +
      "or name two recipes with --recipe",
  );
}

/** From the one of two recipes to the other, a value a step. */
async function ablationBetween(
  { ablation, recipe, styles, ...options }: BenchOptions,
): Promise<ResolvedAblation> {
  if (ablation !== null) {
    throw new ExperimentError("--ablation: has recipes of its own; leave out --recipe");
  }
  if (recipe.length !== 2) {
    throw new ExperimentError(
      `--recipe: "${recipe}" is ${recipe.length}, expected two for an ablation, such as published,fixed`,
    );
  }
  const [style] = styles.includes("torch") ? ["torch" as const] : styles;
  const [from, to] = await Promise.all(
    recipe.map((name) => recipeNamed(name, { ...options, ablation, recipe, styles })),
  );
  const changes = changesBetween(from, to, style);
  if (changes.length === 0) {
    throw new ExperimentError(
      `--recipe: ${from.name} and ${to.name} are the same in the style ${style}`,
    );
  }
  return {
    name: `${from.name}-${to.name}`,
    title: `from ${from.name} to ${to.name}`,
    style,
    from,
    fromTitle: `${from.name}: ${from.title}`,
    changes,
    end: null,
  };
}

async function ablationNamed(name: string): Promise<Ablation> {
  const place = `--ablation: ${name}`;
  if (isModuleFile(name)) return checkAblation(place, await readUserFile("ablation", name));
  const found = ablations.find((one) => one.name === name);
  if (found) return found;
  const names = ablations.map(({ name }) => name);
  throw new AblationError(
    `--ablation: "${name}" is unknown${suggest(name, names)}; ` +
      `expected one of ${names.join(", ")}, or a file such as ./mine.json`,
  );
}

function refuseSameNames(flag: string, all: readonly { name: string }[]): void {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new ExperimentError(`${flag}: two of them are called "${twice}"`);
}

/** Styles that a model cannot be trained in; an error where none is left. */
function leftOut({ models, styles, ablation }: ExperimentInput): string[] {
  const asked = ablation ? [ablation.style] : styles;
  return models.flatMap((model) => {
    const without = asked.filter((style) => !isWrittenFor(model, style));
    if (without.length === 0) return [];
    const where = `${model.name} is written in the ${
      model.idioms[0] === "keras" ? "Keras" : "PyTorch"
    } idiom only`;
    if (without.length === asked.length) {
      throw new ExperimentError(`--styles: ${where}; ${without.join(" and ")} cannot train it`);
    }
    return [`${where}: ${without.join(" and ")} left out`];
  });
}
