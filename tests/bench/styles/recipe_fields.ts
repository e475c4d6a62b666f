/** Every field of a recipe's schema changes what is trained, in every style: `deno task test:recipes`. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { RecipeChange } from "../../../bench/recipes/mod.ts";
import { recipeSchema } from "../../../bench/recipes/recipe_schema.ts";
import { type StyleName, styleNames } from "../../../bench/runner/trials/trial.ts";
import { trial } from "../runner/trial_requests.ts";

const file = fileURLToPath(new URL("./small_network.ts", import.meta.url));

/** The fields of a schema, as paths; of kinds such as optimizers' each with its own. */
function fieldsOf(schema: Record<string, unknown>, path: string): string[] {
  const { properties, oneOf } = schema as {
    properties?: Record<string, Record<string, unknown>>;
    oneOf?: Record<string, unknown>[];
  };
  if (oneOf) return [...new Set(oneOf.flatMap((kind) => fieldsOf(kind, path)))];
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, inner]) => {
    const constant = (properties.kind ?? properties.name)?.const;
    const inside = constant === undefined ? path : `${path}(${constant})`;
    if (name === "kind" && constant !== undefined || name === "name" && path !== "") {
      return [inside];
    }
    return fieldsOf(inner, inside === "" ? name : `${inside}.${name}`);
  });
}

type Optimizer = "SGD" | "RMSprop" | "Adam";

/** An optimizer in both idioms, with something changed. */
function optimizer(
  name: Optimizer,
  keras: Record<string, unknown> = {},
  torch: Record<string, unknown> = {},
): RecipeChange {
  const constants = {
    SGD: [{ momentum: 0.9, nesterov: false }, { momentum: 0.9, nesterov: false }],
    RMSprop: [{ rho: 0.9, momentum: 0, epsilon: 1e-7 }, { alpha: 0.9, momentum: 0, eps: 1e-7 }],
    Adam: [{ beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, { betas: [0.9, 0.999], eps: 1e-7 }],
  }[name];
  return {
    keras: { optimizer: { name, learningRate: 0.02, ...constants[0], ...keras } },
    torch: { optimizer: { name, lr: 0.02, ...constants[1], ...torch } },
  } as RecipeChange;
}

/** A field's change, and what it is held against where that is not the plain recipe. */
type FieldChange = RecipeChange | readonly [before: RecipeChange, change: RecipeChange];

const decay = (change: object = {}): RecipeChange => ({
  weightDecay: { kind: "coupled", rate: 0.5, on: "all", ...change },
});
const schedules = {
  cosine: { kind: "cosine", warmupSteps: 2, finalFactor: 0.1 },
  linear: { kind: "linear", warmupShare: 0.25, startFactor: 0.1, finalFactor: 0.2 },
  oneCycle: { kind: "oneCycle", warmupShare: 0.3, startDivisor: 25, finalDivisor: 10 },
  step: { kind: "step", epochs: 1, factor: 0.1 },
} as const;
const schedule = (kind: keyof typeof schedules, change: object = {}): RecipeChange =>
  ({ schedule: { ...schedules[kind], ...change } }) as RecipeChange;
const augmentation = (change: RecipeChange["augmentation"]): RecipeChange => ({
  augmentation: change,
});
const crop = (change: object): RecipeChange =>
  augmentation({ crop: { padding: 2, fill: "black", ...change } });
const mixing = (kind: "mixup" | "cutmix", alpha = 1) => augmentation({ mixing: { kind, alpha } });
const average = (change: object = {}): RecipeChange => ({
  weightAverage: { decay: 0.5, overwriteEvery: null, ...change },
});
const lookahead = (change: object = {}): RecipeChange => ({
  lookahead: { every: 2, decay: 0.5, power: 1, ...change },
});
// The second epoch is worse than the first one, and the third one too.
const worse = { ...optimizer("SGD", { learningRate: 3 }, { lr: 3 }), epochs: 4 };
const stopping = (change: object = {}): RecipeChange => ({
  ...worse,
  earlyStopping: { patience: 1, minDelta: 0, restoreBest: false, ...change },
});

// Every epoch is better than the one before.
const learning = (change: object): RecipeChange => ({
  epochs: 4,
  earlyStopping: { patience: 2, minDelta: 0, restoreBest: false, ...change },
});

/** Of both idioms; a style is held to its own. */
const shared: Record<string, FieldChange> = {
  epochs: { epochs: 3 },
  batchSize: { batchSize: 8 },
  validationShare: {}, // Of the runner's: see runner/run.ts.
  order: { order: "shared" },
  "schedule(constant)": [schedule("cosine"), {}],
  "schedule(cosine)": schedule("cosine"),
  "schedule(cosine).warmupSteps": [schedule("cosine"), schedule("cosine", { warmupSteps: 3 })],
  "schedule(cosine).finalFactor": [schedule("cosine"), schedule("cosine", { finalFactor: 0.9 })],
  "schedule(linear)": schedule("linear"),
  "schedule(linear).warmupShare": [schedule("linear"), schedule("linear", { warmupShare: 0.5 })],
  "schedule(linear).startFactor": [schedule("linear"), schedule("linear", { startFactor: 0.5 })],
  "schedule(linear).finalFactor": [schedule("linear"), schedule("linear", { finalFactor: 0.9 })],
  "schedule(oneCycle)": schedule("oneCycle"),
  "schedule(oneCycle).warmupShare": [
    schedule("oneCycle"),
    schedule("oneCycle", { warmupShare: 0.6 }),
  ],
  "schedule(oneCycle).startDivisor": [
    schedule("oneCycle"),
    schedule("oneCycle", { startDivisor: 5 }),
  ],
  "schedule(oneCycle).finalDivisor": [
    schedule("oneCycle"),
    schedule("oneCycle", { finalDivisor: 0.1 }),
  ],
  "schedule(step)": schedule("step"),
  "schedule(step).epochs": [
    { ...schedule("step"), epochs: 3 },
    { ...schedule("step", { epochs: 2 }), epochs: 3 },
  ],
  "schedule(step).factor": [schedule("step"), schedule("step", { factor: 0.9 })],
  labelSmoothing: { labelSmoothing: 0.1 },
  "augmentation.horizontalFlip": augmentation({ horizontalFlip: "random" }),
  "augmentation.crop.padding": [crop({}), crop({ padding: 1 })],
  "augmentation.crop.fill": [crop({}), crop({ fill: "reflect" })],
  "augmentation.cutout.size": [
    augmentation({ cutout: { size: 2 } }),
    augmentation({ cutout: { size: 4 } }),
  ],
  "augmentation.mixing.kind": [mixing("mixup"), mixing("cutmix")],
  "augmentation.mixing.alpha": [mixing("mixup"), mixing("mixup", 0.2)],
  "weightDecay.kind": [decay(), decay({ kind: "decoupled" })],
  "weightDecay.rate": [decay(), decay({ rate: 0.1 })],
  "weightDecay.on": [decay(), decay({ on: "weights" })],
  normRateFactor: { normRateFactor: 4 },
  firstLayerEpochs: { firstLayerEpochs: 1 },
  accumulation: { accumulation: 2 },
  clipNorm: { clipNorm: 0.01 },
  "weightAverage.decay": [average(), average({ decay: 0.9 })],
  "weightAverage.overwriteEvery": [average(), average({ overwriteEvery: 2 })],
  "lookahead.every": [lookahead(), lookahead({ every: 3 })],
  "lookahead.decay": [lookahead(), lookahead({ decay: 0.9 })],
  "lookahead.power": [lookahead(), lookahead({ power: 0 })],
  "earlyStopping.patience": [stopping(), stopping({ patience: 4 })],
  "earlyStopping.minDelta": [learning({}), learning({ minDelta: 1e9 })],
  "earlyStopping.restoreBest": [stopping(), stopping({ restoreBest: true })],
  testTimeFlip: { testTimeFlip: true },
  testTimeShift: { testTimeShift: 1 },
};

/** Of one idiom. */
const own: Record<"keras" | "torch", Record<string, FieldChange>> = {
  keras: {
    "optimizer(RMSprop)": optimizer("RMSprop"),
    "optimizer(RMSprop).learningRate": [
      optimizer("RMSprop"),
      optimizer("RMSprop", { learningRate: 0.1 }),
    ],
    "optimizer(RMSprop).rho": [optimizer("RMSprop"), optimizer("RMSprop", { rho: 0.5 })],
    "optimizer(RMSprop).momentum": [optimizer("RMSprop"), optimizer("RMSprop", { momentum: 0.5 })],
    "optimizer(RMSprop).epsilon": [optimizer("RMSprop"), optimizer("RMSprop", { epsilon: 0.1 })],
    "optimizer(SGD)": optimizer("SGD"),
    "optimizer(SGD).learningRate": [optimizer("SGD"), optimizer("SGD", { learningRate: 0.1 })],
    "optimizer(SGD).momentum": [optimizer("SGD"), optimizer("SGD", { momentum: 0 })],
    "optimizer(SGD).nesterov": [optimizer("SGD"), optimizer("SGD", { nesterov: true })],
    "optimizer(Adam)": optimizer("Adam"),
    "optimizer(Adam).learningRate": [optimizer("Adam"), optimizer("Adam", { learningRate: 0.1 })],
    "optimizer(Adam).beta1": [optimizer("Adam"), optimizer("Adam", { beta1: 0.5 })],
    "optimizer(Adam).beta2": [optimizer("Adam"), optimizer("Adam", { beta2: 0.5 })],
    "optimizer(Adam).epsilon": [optimizer("Adam"), optimizer("Adam", { epsilon: 0.1 })],
    inputRange: { keras: { inputRange: "standardized" } },
    softmaxInModel: {}, // Another place of the softmax, the same loss: see run_trial_test.ts.
    "batchNormalization.momentum": [
      { keras: { batchNormalization: { momentum: 0.9, epsilon: 1e-3 } } },
      { keras: { batchNormalization: { momentum: 0.5, epsilon: 1e-3 } } },
    ],
    "batchNormalization.epsilon": [
      { keras: { batchNormalization: { momentum: 0.9, epsilon: 1e-3 } } },
      { keras: { batchNormalization: { momentum: 0.9, epsilon: 1e-1 } } },
    ],
  },
  torch: {
    "optimizer(RMSprop)": optimizer("RMSprop"),
    "optimizer(RMSprop).lr": [optimizer("RMSprop"), optimizer("RMSprop", {}, { lr: 0.1 })],
    "optimizer(RMSprop).alpha": [optimizer("RMSprop"), optimizer("RMSprop", {}, { alpha: 0.5 })],
    "optimizer(RMSprop).momentum": [
      optimizer("RMSprop"),
      optimizer("RMSprop", {}, { momentum: 0.5 }),
    ],
    "optimizer(RMSprop).eps": [optimizer("RMSprop"), optimizer("RMSprop", {}, { eps: 0.1 })],
    "optimizer(SGD)": optimizer("SGD"),
    "optimizer(SGD).lr": [optimizer("SGD"), optimizer("SGD", {}, { lr: 0.1 })],
    "optimizer(SGD).momentum": [optimizer("SGD"), optimizer("SGD", {}, { momentum: 0 })],
    "optimizer(SGD).nesterov": [optimizer("SGD"), optimizer("SGD", {}, { nesterov: true })],
    "optimizer(Adam)": optimizer("Adam"),
    "optimizer(Adam).lr": [optimizer("Adam"), optimizer("Adam", {}, { lr: 0.1 })],
    "optimizer(Adam).betas": [optimizer("Adam"), optimizer("Adam", {}, { betas: [0.5, 0.999] })],
    "optimizer(Adam).eps": [optimizer("Adam"), optimizer("Adam", {}, { eps: 0.1 })],
    inputRange: { torch: { inputRange: "standardized" } },
    softmaxBeforeLoss: { torch: { softmaxBeforeLoss: true } },
    dropoutAtEvaluation: { torch: { dropoutAtEvaluation: true } },
    initialization: { torch: { initialization: "keras" } },
    "batchNorm.momentum": [
      { torch: { batchNorm: { momentum: 0.1, eps: 1e-3 } } },
      { torch: { batchNorm: { momentum: 0.5, eps: 1e-3 } } },
    ],
    "batchNorm.eps": [
      { torch: { batchNorm: { momentum: 0.1, eps: 1e-3 } } },
      { torch: { batchNorm: { momentum: 0.1, eps: 1e-1 } } },
    ],
  },
};

/** What a training comes to: losses of all epochs and of the test. */
async function outcome(style: StyleName, change: RecipeChange): Promise<string> {
  const small = { epochs: 2, batchSize: 16, ...change };
  const { history, testLoss, error } = await trial({ style, file, count: 48, change: small });
  assertEquals(error, null, JSON.stringify(change));
  return String([...history.flatMap(({ loss, valLoss }) => [loss, valLoss]), testLoss]);
}

Deno.test("the tables name every field of the schema", () => {
  const named = [
    ...Object.keys(shared),
    ...Object.keys(own.keras).map((field) => `keras.${field}`),
    ...Object.keys(own.torch).map((field) => `torch.${field}`),
  ];
  const fields = fieldsOf(recipeSchema, "").filter((field) => !["name", "title"].includes(field));
  assertEquals(named.sort(), fields.sort());
});

Deno.test("bench/README.md names every field", async () => {
  const text = await Deno.readTextFile(new URL("../../../bench/README.md", import.meta.url));
  const table = text.split("## Recipes")[1].split("\n## ")[0];
  const names = [
    ...new Set([...fieldsOf(recipeSchema, "").flatMap((path) => path.split(/[.()]/))]),
  ];
  // The constants of optimizers are their classes'.
  const constants = /^(|lr|learningRate|rho|alpha|betas?\d?|eps|epsilon|momentum|nesterov)$/;
  assertEquals(
    names.filter((name) => !constants.test(name) && !new RegExp(`\\b${name}\\b`).test(table)),
    [],
  );
});

for (const style of styleNames) {
  Deno.test(`${style}: every field of a recipe changes what is trained`, async () => {
    const plain = await outcome(style, {});
    assertEquals(await outcome(style, {}), plain);
    const idiom = style === "torch" ? "torch" : "keras";
    const unchanged: string[] = [];
    for (const [field, change] of Object.entries({ ...shared, ...own[idiom] })) {
      if (Object.keys(change).length === 0) continue;
      const [before, after] = Array.isArray(change) ? change : [null, change];
      const held = before === null ? plain : await outcome(style, before);
      if (await outcome(style, after) === held) unchanged.push(field);
    }
    assertEquals(unchanged, []);
  });
}
