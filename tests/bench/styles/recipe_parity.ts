/**
 * The same recipe, seed and weights are the same training in both idioms, step by step: `deno task test:recipes`.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { RecipeChange } from "../../../bench/recipes/mod.ts";
import type { StyleName, TrialEvent } from "../../../bench/runner/trials/trial.ts";
import { trial } from "../runner/trial_requests.ts";

const file = fileURLToPath(new URL("./same_weights.ts", import.meta.url));

const constants = (momentum: number, epsilon: number): RecipeChange => ({
  keras: { batchNormalization: { momentum, epsilon } },
  torch: { batchNorm: { momentum: 1 - momentum, eps: epsilon } },
});

/**
 * Running statistics that stay at 0 and 1: PyTorch's are of the unbiased variance, Keras' of the biased one, so that
 * validation differs by that alone.
 */
const still = constants(1, 1e-5);

/** Every field of a recipe is in one of them. */
const recipes: Record<string, RecipeChange> = {
  "Nesterov momentum, coupled decay of weights, clipping, crops, flips, cutout, faster norms": {
    weightDecay: { kind: "coupled", rate: 5e-3, on: "weights" },
    augmentation: {
      horizontalFlip: "random",
      crop: { padding: 2, fill: "black" },
      cutout: { size: 3 },
    },
    clipNorm: 0.5,
    normRateFactor: 3,
    labelSmoothing: 0.1,
    testTimeFlip: true,
    keras: {
      ...still.keras,
      optimizer: { name: "SGD", learningRate: 0.02, momentum: 0.9, nesterov: true },
      inputRange: "standardized",
    },
    torch: {
      ...still.torch,
      optimizer: { name: "SGD", lr: 0.02, momentum: 0.9, nesterov: true },
      inputRange: "standardized",
    },
  },
  "Adam, decoupled decay, a line up and down, alternating flips, cutmix, averaged weights": {
    weightDecay: { kind: "decoupled", rate: 0.1, on: "all" },
    schedule: { kind: "linear", warmupShare: 0.3, startFactor: 0.1, finalFactor: 0.1 },
    augmentation: {
      horizontalFlip: "alternating",
      crop: { padding: 1, fill: "reflect" },
      mixing: { kind: "cutmix", alpha: 1 },
    },
    weightAverage: { decay: 0.9, overwriteEvery: 20 },
    keras: {
      ...still.keras,
      optimizer: { name: "Adam", learningRate: 2e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-10 },
    },
    torch: {
      ...still.torch,
      optimizer: { name: "Adam", lr: 2e-3, betas: [0.9, 0.95], eps: 1e-10 },
      inputRange: [0, 1],
    },
  },
  "RMSprop, decoupled decay of weights, one cycle, mixup, two batches an update": {
    weightDecay: { kind: "decoupled", rate: 0.1, on: "weights" },
    schedule: { kind: "oneCycle", warmupShare: 0.3, startDivisor: 10, finalDivisor: 10 },
    augmentation: { mixing: { kind: "mixup", alpha: 0.4 } },
    accumulation: 2,
    keras: {
      optimizer: { name: "RMSprop", learningRate: 1e-3, rho: 0.9, momentum: 0, epsilon: 1e-14 },
      inputRange: [-1, 1],
    },
    torch: {
      optimizer: { name: "RMSprop", lr: 1e-3, alpha: 0.9, momentum: 0, eps: 1e-9 },
      inputRange: [-1, 1],
    },
  },
  "plain SGD, coupled decay, cosine after a warm-up, batch norm's constants, early stopping": {
    ...constants(0.8, 1e-3),
    weightDecay: { kind: "coupled", rate: 1e-2, on: "all" },
    schedule: { kind: "cosine", warmupSteps: 5, finalFactor: 0.1 },
    earlyStopping: { patience: 5, minDelta: 1e-3, restoreBest: true },
  },
  "decoupled decay of SGD, of norms at their own rate too, steps of the rate": {
    weightDecay: { kind: "decoupled", rate: 0.5, on: "all" },
    normRateFactor: 3,
    schedule: { kind: "step", epochs: 2, factor: 0.3 },
  },
  "airbench's: look-ahead with running statistics, a first layer that stops, shifted and flipped views":
    {
      weightDecay: { kind: "coupled", rate: 5e-2, on: "all" },
      normRateFactor: 8,
      firstLayerEpochs: 2,
      // 50 is no multiple of it: the last step ends with the slow weights.
      lookahead: { every: 4, decay: 0.8, power: 3 },
      labelSmoothing: 0.2,
      augmentation: { horizontalFlip: "alternating", crop: { padding: 2, fill: "reflect" } },
      testTimeFlip: true,
      testTimeShift: 1,
      keras: {
        batchNormalization: { momentum: 0.6, epsilon: 1e-5 },
        optimizer: { name: "SGD", learningRate: 0.01, momentum: 0.85, nesterov: true },
        inputRange: "standardized",
      },
      torch: {
        batchNorm: { momentum: 0.4, eps: 1e-5 },
        optimizer: { name: "SGD", lr: 0.01, momentum: 0.85, nesterov: true },
        inputRange: "standardized",
      },
    },
};

/** Plain SGD, unless a recipe says otherwise; no draws of an idiom's own. */
function whole(change: RecipeChange): RecipeChange {
  return {
    epochs: 5,
    batchSize: 8,
    order: "shared",
    ...change,
    keras: {
      optimizer: { name: "SGD", learningRate: 0.05, momentum: 0, nesterov: false },
      ...change.keras,
    } as RecipeChange["keras"],
    torch: {
      optimizer: { name: "SGD", lr: 0.05, momentum: 0, nesterov: false },
      inputRange: [0, 1],
      ...change.torch,
    } as RecipeChange["torch"],
  };
}

/**
 * From seed 1 a unit of the first recipe's thirteenth step lies within rounding of relu's 0, and both trainings part from there;
 * from seeds 2 to 7 all steps agree to 6e-7.
 */
const SEED = 2;

async function lossesOf(style: StyleName, change: RecipeChange) {
  const steps: number[] = [];
  const send = (event: TrialEvent) => event.type === "step" && steps.push(event.logs.loss!);
  // 80 images: ten steps an epoch.
  const result = await trial({ style, file, seed: SEED, count: 80, change: whole(change) }, {
    send,
  });
  assertEquals([result.error, result.state], [null, "done"]);
  const { history, testLoss } = result;
  return { steps, valLosses: history.map(({ valLoss }) => valLoss), testLoss };
}

for (const [title, change] of Object.entries(recipes)) {
  Deno.test(`both idioms make the same training of: ${title}`, async () => {
    const torch = await lossesOf("torch", change);
    for (const style of ["keras", "keras-advanced"] as const) {
      const keras = await lossesOf(style, change);
      assertEquals(keras.steps.length, torch.steps.length);
      const furthest = (a: readonly number[], b: readonly number[]) =>
        Math.max(...a.map((loss, i) => Math.abs(loss - b[i])));
      const inTraining = furthest(torch.steps, keras.steps);
      assert(inTraining < 1e-3, `${style}: training losses are ${inTraining} apart`);
      const atTest = furthest([...torch.valLosses, torch.testLoss!], [
        ...keras.valLosses,
        keras.testLoss!,
      ]);
      const bound = change.torch?.batchNorm === still.torch!.batchNorm ? 1e-3 : 5e-2;
      assert(atTest < bound, `${style}: validation and test losses are ${atTest} apart`);
    }
    assertEquals(torch.steps.length, 50);
  });
}
