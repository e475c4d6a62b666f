/**
 * What a trial depends on: with another of it, neither a kept state nor a finished result is of any use.
 * @module
 */
import { fileURLToPath } from "node:url";
import { hashOf } from "./hash.ts";
import type { BenchOptions } from "../options.ts";
import type { PlannedConfiguration } from "../plan.ts";
import { hashOfModule } from "../processes/user_file.ts";

/** The fingerprints of configurations, by their names. */
export async function fingerprintsOf(
  configurations: readonly PlannedConfiguration[],
  datasetHashes: ReadonlyMap<string, string>,
  packages: Readonly<Record<string, string>>,
  { device, kerasEngine, stepsPerCall, threads, untilAccuracy, profile, warmup, ...options }:
    BenchOptions,
): Promise<Map<string, string>> {
  // Tandem's own code: a trial that was begun by another version of it is another trial.
  const code = await hashOfModule(
    fileURLToPath(new URL("../processes/trial_process.ts", import.meta.url)),
  );
  const { weights: file, skipWeights, strictDevice } = options;
  const weights = file === null ? {} : { weights: hashOf(await Deno.readFile(file)), skipWeights };
  const modelHashes = new Map<string, string>();
  const fingerprints = new Map<string, string>();
  for (const { name, axes, model, recipe } of configurations) {
    const key = model.file ?? model.name;
    const modelHash = modelHashes.get(key) ?? await hashOfModel(model);
    modelHashes.set(key, modelHash);
    const settings = {
      ...{ device, kerasEngine, stepsPerCall, threads, untilAccuracy, profile, warmup },
      ...weights,
      // Only where it is asked for: without it earlier fingerprints stay what they are.
      ...strictDevice ? { strictDevice } : {},
    };
    const dataset = datasetHashes.get(axes.dataset);
    fingerprints.set(
      name,
      hashOf(JSON.stringify([axes, modelHash, code, recipe, dataset, packages, settings])),
    );
  }
  return fingerprints;
}

async function hashOfModel({ name, file }: PlannedConfiguration["model"]): Promise<string> {
  if (file !== null) return hashOfModule(file);
  const files = ["keras.ts", "torch.ts"].map((one) =>
    fileURLToPath(new URL(`../../models/${name}/${one}`, import.meta.url))
  );
  return hashOf(...await Promise.all(files.map(hashOfModule)));
}
