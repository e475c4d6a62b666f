/**
 * Whether two reports are of the same experiment.
 * @module
 */
import type { BenchOptions } from "../cli/options.ts";
import type { Report } from "./report.ts";

/** Options that do not change what is measured. */
const free: ReadonlySet<keyof BenchOptions> = new Set([
  "out",
  "shard",
  "dataDir",
  "styles",
  "seed",
  "seeds",
]);

/** Options that make two reports different experiments. */
export const differentOptions = {
  /** All that matters, as one text. */
  key({ command, options, dataset }: Report): string {
    const entries = Object.entries(options).filter(([name]) =>
      !free.has(name as keyof BenchOptions)
    );
    return JSON.stringify([command, dataset.name, dataset.trainImages, entries]);
  },
  /** Names of what differs, with both values; none for the same experiment. */
  between(a: Report, b: Report): string[] {
    const pairs: [string, unknown, unknown][] = [
      ["the subcommand", a.command, b.command],
      ["the data set", a.dataset.name, b.dataset.name],
      ["training images", a.dataset.trainImages, b.dataset.trainImages],
      ...(Object.keys({ ...a.options, ...b.options }) as (keyof BenchOptions)[])
        .filter((name) => !free.has(name))
        .map((name): [string, unknown, unknown] => [
          `option ${name}`,
          a.options[name],
          b.options[name],
        ]),
    ];
    return pairs.filter(([, x, y]) => JSON.stringify(x) !== JSON.stringify(y))
      .map(([name, x, y]) => `${name}: ${JSON.stringify(x)}, ${JSON.stringify(y)}`);
  },
};
