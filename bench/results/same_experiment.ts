/**
 * Whether two reports are of the same experiment.
 * @module
 */
import { shortText, visibleText } from "../../onnx/mod.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { Report } from "./report.ts";

/** Options that do not change what is measured, or do so by the recipes, which are compared. */
const free: ReadonlySet<keyof BenchOptions> = new Set([
  "out",
  "shard",
  "dataDir",
  "styles",
  "epochs",
  "batchSize",
  "learningRate",
  "seed",
  "seeds",
]);

/** Options that make two reports different experiments. */
export const differentOptions = {
  /** All that matters, as one text. */
  key({ experiment, options, datasets, recipes }: Report): string {
    const entries = Object.entries(options).filter(([name]) =>
      !free.has(name as keyof BenchOptions)
    );
    const images = datasets.map(({ name, trainImages }) => [name, trainImages]);
    return JSON.stringify([experiment.name, images, recipes, entries]);
  },
  /** Names of what differs, with both values; none for the same experiment. */
  between(a: Report, b: Report): string[] {
    const names = ({ datasets }: Report) => datasets.map(({ name }) => name).join();
    const images = ({ datasets }: Report) => datasets.map((one) => one.trainImages).join();
    const pairs: [string, unknown, unknown][] = [
      ["the experiment", a.experiment.name, b.experiment.name],
      ["the data set", names(a), names(b)],
      ["training images", images(a), images(b)],
      ...recipePairs(a, b),
      ...(Object.keys({ ...a.options, ...b.options }) as (keyof BenchOptions)[])
        .filter((name) => !free.has(name))
        .map((name): [string, unknown, unknown] => [
          `option ${name}`,
          a.options[name],
          b.options[name],
        ]),
    ];
    return pairs.filter(([, x, y]) => JSON.stringify(x) !== JSON.stringify(y))
      .map(([name, x, y]) => `${visibleText(name.slice(0, 80))}: ${shortText(x)}, ${shortText(y)}`);
  },
};

/** The fields of the recipes that both reports have. */
function recipePairs(a: Report, b: Report): [string, unknown, unknown][] {
  return a.recipes.flatMap((recipe) => {
    const other = b.recipes.find(({ name }) => name === recipe.name);
    if (!other) return [];
    return Object.entries(recipe).map(([field, value]): [string, unknown, unknown] => [
      `${field} of recipe ${recipe.name}`,
      value,
      other[field as keyof typeof other],
    ]);
  });
}
