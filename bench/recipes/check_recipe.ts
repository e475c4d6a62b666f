/**
 * Checks a recipe before anything is trained by it.
 * @module
 */
import type { ErrorObject } from "ajv";
import { shortList, shortText } from "../../onnx/mod.ts";
import { faultFinder } from "../schema_fault.ts";
import { shownPath } from "../user_module.ts";
import { suggest } from "../nearest_name.ts";
import { type Recipe, RecipeError } from "./recipe.ts";
import { recipeSchema } from "./recipe_schema.ts";

const schemaFault = faultFinder(recipeSchema, { discriminator: true, verbose: true });

/**
 * A recipe out of anything.
 *
 * @param place what the value is called in messages, such as `--recipe: ./mine.json`
 * @throws {RecipeError} naming the first field that is wrong, its value and what was expected
 */
export function checkRecipe(place: string, value: unknown): Recipe {
  const error = schemaFault(value);
  if (error !== null) throw new RecipeError(`${place}: ${faultOf(error, value)}`);
  const recipe = value as Recipe;
  const fault = contradictionOf(recipe);
  if (fault !== null) throw new RecipeError(`${place}: ${fault}`);
  return recipe;
}

/** What fields, each right by itself, have against each other; null where nothing. */
function contradictionOf(recipe: Recipe): string | null {
  for (const idiom of ["keras", "torch"] as const) {
    const { inputRange, optimizer } = recipe[idiom];
    if (inputRange !== "standardized" && !(inputRange[0] < inputRange[1])) {
      return `${idiom}.inputRange is [${
        inputRange.join(", ")
      }], expected [low, high] with low < high`;
    }
    if (optimizer.name === "SGD" && optimizer.nesterov && optimizer.momentum === 0) {
      return `${idiom}.optimizer.nesterov is true and momentum 0, expected a momentum above 0`;
    }
  }
  const { accumulation, weightAverage, lookahead, torch, testTimeFlip, testTimeShift } = recipe;
  const { firstLayerEpochs } = recipe;
  if (accumulation > 1 && weightAverage !== null) {
    return `accumulation is ${accumulation} and weightAverage is set, expected one of them: Keras ` +
      "averages after every batch, PyTorch's users after every update";
  }
  if (firstLayerEpochs !== null && weightAverage !== null) {
    return `firstLayerEpochs is ${firstLayerEpochs} and weightAverage is set, expected one of them: ` +
      "Keras' fit, which ends there, gives the weights their averages";
  }
  if (lookahead !== null && (accumulation > 1 || weightAverage !== null)) {
    const other = weightAverage === null
      ? `accumulation is ${accumulation}`
      : "weightAverage is set";
    return `lookahead is set and ${other}, expected one of them: look-ahead averages by itself, step by step`;
  }
  if (torch.dropoutAtEvaluation && (testTimeFlip || testTimeShift > 0)) {
    const field = testTimeFlip ? "testTimeFlip is true" : `testTimeShift is ${testTimeShift}`;
    return `torch.dropoutAtEvaluation is true and ${field}, expected one of them: the views would be ` +
      "different networks";
  }
  return null;
}

/** A fault in a line: the field, its value, what was expected. */
function faultOf(error: ErrorObject, whole: unknown): string {
  const path = error.instancePath.slice(1).replaceAll("/", ".");
  const inside = (name: string) => shownPath(path === "" ? name : `${path}.${name}`);
  const value = shortText(error.data);
  switch (error.keyword) {
    case "additionalProperties": {
      const name = error.params.additionalProperty;
      const known = Object.keys((error.parentSchema as { properties: object }).properties);
      return `${inside(name)} is unknown${suggest(name, known)}; expected ${
        shortList(known, ", ", 8)
      }`;
    }
    case "required":
      return `${inside(error.params.missingProperty)} is missing`;
    case "discriminator":
      return unknownKind(inside(error.params.tag), error, whole);
    case "enum":
      return `${shownPath(path)} is ${value}, expected one of ${
        error.params.allowedValues.join(", ")
      }`;
    case "type":
      return path === ""
        ? `it is ${value}, expected an object with the fields of a recipe`
        : `${shownPath(path)} is ${value}, expected ${[error.params.type].flat().join(" or ")}`;
    default:
      return `${shownPath(path)} is ${value}, expected it ${
        error.message!.replace(/^must /, "to ")
      }`;
  }
}

function unknownKind(path: string, error: ErrorObject, _whole: unknown): string {
  const { oneOf, discriminator: { propertyName } } = error.parentSchema as unknown as {
    oneOf: { properties: Record<string, { const: string }> }[];
    discriminator: { propertyName: string };
  };
  const known = oneOf.map(({ properties }) => properties[propertyName].const);
  const given = error.params.tagValue;
  const nearest = typeof given === "string" ? suggest(given, known) : "";
  return `${shownPath(path)} is ${shortText(given)}${nearest}; expected one of ${known.join(", ")}`;
}
