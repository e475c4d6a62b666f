/**
 * Ablations as data: which single changes lead from one recipe to another.
 * @module
 */
import { changeRecipe, type Recipe, type RecipeChange, RecipeError } from "../recipes/mod.ts";
import type { StyleName } from "../runner/trials/trial.ts";

/** A single change. */
export interface AblationChange {
  /** In names of configurations: letters, digits, `-`, `_` and `.`. */
  name: string;
  /** What is changed, for people. */
  title: string;
  recipe: RecipeChange;
}

/** A list of single changes, each of which keeps the ones before it. */
export interface Ablation {
  name: string;
  /** One line for reports. */
  title: string;
  /** The style that is trained step by step. */
  style: StyleName;
  /** Name or file of the recipe that the first step is trained by. */
  from: string;
  /** The first step in words. */
  fromTitle: string;
  changes: AblationChange[];
  /** What the last step is held against; null: nothing. */
  end: { style: StyleName; recipe: string; title: string } | null;
}

/** From the published PyTorch variant to the Keras variant: one difference less a step. */
const published: Ablation = {
  name: "published",
  title: "from the published PyTorch variant to the Keras variant",
  style: "torch",
  from: "published",
  fromTitle: "PyTorch as published",
  changes: [
    {
      name: "one-softmax",
      title: "no softmax before the loss, which applies its own",
      recipe: { torch: { softmaxBeforeLoss: false } },
    },
    {
      name: "dropout-in-training-only",
      title: "dropout in training only",
      recipe: { torch: { dropoutAtEvaluation: false } },
    },
    {
      name: "keras-rmsprop",
      title: "RMSprop with Keras' constants: 0.9 and 1e-7, not 0.99 and 1e-8",
      recipe: { torch: { optimizer: { name: "RMSprop", alpha: 0.9, eps: 1e-7 } } },
    },
    {
      name: "keras-initialization",
      title: "Keras' initialization: Glorot uniform weights and zero biases, not Kaiming's",
      recipe: { torch: { initialization: "keras" } },
    },
    {
      name: "keras-input-range",
      title: "images in [0, 1], not [-1, 1]",
      recipe: { torch: { inputRange: [0, 1] } },
    },
  ],
  end: { style: "keras", recipe: "published", title: "the Keras variant itself" },
};

/** What the frameworks do by default where nothing is said, for a residual network: one default a step, kept by the next. */
const defaults: Ablation = {
  name: "resnet20-defaults",
  title: "the frameworks' defaults, by the recipe resnet20",
  style: "torch",
  from: "resnet20",
  fromTitle:
    "resnet20: He's initialization, PyTorch's batch norm, decay of weights in the gradient",
  changes: [
    {
      name: "torch-initialization",
      title: "PyTorch's initialization: uniform, of a third of He's variance and less",
      recipe: { torch: { initialization: "torch" } },
    },
    {
      name: "keras-initialization",
      title: "Keras' initialization: Glorot uniform weights and zero biases",
      recipe: { torch: { initialization: "keras" } },
    },
    {
      name: "keras-batch-norm-momentum",
      title: "running statistics keep 0.99 of a step, as Keras' do, not 0.9",
      recipe: { torch: { batchNorm: { momentum: 0.01, eps: 1e-5 } } },
    },
    {
      name: "keras-batch-norm-epsilon",
      title: "batch norm adds 1e-3 to the variance, as Keras does, not 1e-5",
      recipe: { torch: { batchNorm: { eps: 1e-3 } } },
    },
    {
      name: "decay-of-all",
      title: "weight decay of norms and biases too, as both frameworks do",
      recipe: { weightDecay: { on: "all" } },
    },
    {
      name: "keras-weight-decay",
      title: "weight decay beside the gradient, as Keras' SGD has it, not in it",
      recipe: { weightDecay: { kind: "decoupled", rate: 5e-4, on: "all" } },
    },
    {
      name: "plain-momentum",
      title: "momentum without Nesterov's look ahead, as both frameworks do",
      recipe: { torch: { optimizer: { name: "SGD", nesterov: false } } },
    },
  ],
  end: null,
};

/** The ablations that the bench brings along; the first is the default. */
export const ablations: readonly Ablation[] = [published, defaults];

/**
 * The single changes between two recipes, one a value that differs, in an order in which every step is a recipe that can be
 * trained by. The other idiom's part, which does not count in this style, changes along with the first one that it fits.
 *
 * @param style that is trained
 *
 * @example
 * ```ts
 * import { loadRecipe } from "../recipes/mod.ts";
 * const [a, b] = [await loadRecipe("published"), await loadRecipe("fixed")];
 * console.log(changesBetween(a, b, "torch").map(({ name }) => name));
 * // [ "torch.softmaxBeforeLoss", "torch.dropoutAtEvaluation" ]
 * ```
 */
export function changesBetween(from: Recipe, to: Recipe, style: StyleName): AblationChange[] {
  const other = style === "torch" ? "keras" : "torch";
  const { name: _, title: __, ...fields } = to;
  const changes = Object.entries(fields).filter(([field]) => field !== other)
    .flatMap(([field, value]) => differences(from[field as keyof Recipe], value, [field]));
  return inOrder(from, changes, { [other]: to[other] } as RecipeChange);
}

/**
 * Always the first change next whose recipe does not contradict itself: what excludes something goes before that comes.
 *
 * @param along joins the first change that it fits: the last one at the latest, which makes the recipe that is led to
 */
function inOrder(
  from: Recipe,
  changes: readonly AblationChange[],
  along: RecipeChange,
): AblationChange[] {
  const left = [...changes];
  const ordered: AblationChange[] = [];
  let recipe = from;
  let joining = along;
  while (left.length > 0) {
    const choices = left.flatMap((change) =>
      [joining, {}].map((more) => ({ change, more, recipe: { ...change.recipe, ...more } }))
    );
    const next = choices.find((one) => changed(recipe, one.recipe) !== null);
    // Whoever makes the changes is told what contradicts what.
    if (!next) return [...ordered, ...left];
    recipe = changed(recipe, next.recipe)!;
    ordered.push({ ...next.change, recipe: next.recipe });
    left.splice(left.indexOf(next.change), 1);
    if (next.more === joining) joining = {};
  }
  return ordered;
}

/** A recipe with a change; null where that contradicts itself. */
function changed(recipe: Recipe, change: RecipeChange): Recipe | null {
  try {
    return changeRecipe(recipe, change, "");
  } catch (error) {
    if (error instanceof RecipeError) return null;
    throw error;
  }
}

function differences(from: unknown, to: unknown, path: string[]): AblationChange[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  if (isObject(from) && isObject(to) && from.kind === to.kind && from.name === to.name) {
    return Object.keys(to).flatMap((key) => differences(from[key], to[key], [...path, key]));
  }
  const recipe = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), to) as RecipeChange;
  const name = path.join(".");
  const words = (value: unknown) => isObject(value) ? value.name ?? value.kind : undefined;
  const [a, b] = [from, to].map((value) => words(value) ?? JSON.stringify(value));
  return [{ name, title: `${name}: ${b}, not ${a}`, recipe }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
