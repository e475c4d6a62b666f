/**
 * What the examples that train on images take: which data, how much of it, how long.
 *
 *   deno run -P keras_style/examples/vit.ts --dataset cifar10 --data-dir DIR --limit 5000 --epochs 10
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { datasets } from "@tandem/tandem";

/** Options of an example's `main`; what is left out is small enough for seconds. */
export interface Flags {
  /** A name of `datasets`; "shapes10", which is made by a formula, unless given. */
  readonly dataset?: string;
  /** Where the files of real data are. */
  readonly dataDir?: string;
  /** How many images. */
  readonly limit?: number;
  readonly epochs?: number;
}

const NAMES = ["dataset", "data-dir", "limit", "epochs"] as const;

/**
 * The flags of the command line.
 *
 * @throws {TypeError} for a flag that there is not, {@link RangeError} for a number that is none above 0
 */
export function readFlags(args: readonly string[] = Deno.args): Flags {
  const given = parseArgs([...args], {
    string: [...NAMES],
    unknown: (name) => {
      throw new TypeError(`${name} is unknown, expected ${NAMES.map((n) => `--${n}`).join(", ")}`);
    },
  });
  const count = (name: "limit" | "epochs") => {
    if (given[name] === undefined) return {};
    const value = Number(given[name]);
    if (Number.isInteger(value) && value > 0) return { [name]: value };
    throw new RangeError(`--${name} is ${given[name]}, expected an integer above 0`);
  };
  return {
    ...(given.dataset === undefined ? {} : { dataset: given.dataset }),
    ...(given["data-dir"] === undefined ? {} : { dataDir: given["data-dir"] }),
    ...count("limit"),
    ...count("epochs"),
  };
}

/** Images of a data set, in parts for training and testing. */
export function loadImages({ dataset = "shapes10", dataDir, limit }: Flags) {
  return datasets.loadDataset(dataset as datasets.DatasetName, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(limit === undefined ? {} : { limit }),
  });
}
