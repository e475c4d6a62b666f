/** A trial whose process does what the name of its model says. */
import { createShapes10 } from "../../../fixtures/shapes10/shapes10.ts";
import { trainValidationSplit } from "../../../fixtures/mod.ts";
import { loadRecipe } from "../../../bench/recipes/mod.ts";
import { processLauncher } from "../../../bench/runner/processes/launch.ts";
import type { TrialRequest } from "../../../bench/runner/trials/trial.ts";

/** Starts `fake_trial_process.ts`. */
export const launch = processLauncher(new URL("./fake_trial_process.ts", import.meta.url));

const shapes = createShapes10({ limit: 40 });

/** The images. */
export const data = { ...trainValidationSplit(shapes.train, 0.2), test: shapes.test };

/** What the process is asked. */
export async function requestFor(behaviour: string): Promise<TrialRequest> {
  const split = (count: number) => ({
    ...{ count, imagesType: "Uint8Array" as const, labelsType: "Uint8Array" as const },
  });
  return {
    trial: {
      id: "torch/seed-1",
      configuration: "torch",
      axes: {
        ...{ model: behaviour, recipe: "published", dataset: "shapes10", style: "torch" as const },
        ...{ layout: null, change: null },
      },
      seed: 1,
    },
    model: { name: behaviour, file: null },
    recipe: await loadRecipe("published"),
    ...{
      device: "cpu",
      kerasEngine: "auto",
      warmup: 0,
      untilAccuracy: null,
      profile: false,
      strictDevice: false,
      stepsPerCall: 1,
      threads: null,
      weights: null,
      skipWeights: [],
      peakFlops: null,
      stateFolder: null,
      fingerprint: "",
      showsMistakes: false,
    },
    data: {
      ...{ name: "shapes10", title: "", notice: null, classNames: [...shapes.classNames] },
      imageShape: [...shapes.imageShape] as [number, number, number],
      ...{ train: split(32), validation: split(8), test: split(8) },
    },
  };
}
