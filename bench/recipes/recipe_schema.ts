/**
 * What a recipe may hold, as JSON Schema.
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

/** An object whose fields must all be there, and no others. */
function object(properties: Record<string, Schema>): Schema {
  const required = Object.keys(properties);
  return { type: "object", properties, required, additionalProperties: false };
}

/** One of several objects, told apart by one field. */
function tagged(tag: string, kinds: Record<string, Record<string, Schema>>): Schema {
  const oneOf = Object.entries(kinds).map(([name, fields]) =>
    object({ [tag]: { const: name }, ...fields })
  );
  return { type: "object", discriminator: { propertyName: tag }, required: [tag], oneOf };
}

const boolean: Schema = { type: "boolean" };
const positive: Schema = { type: "number", exclusiveMinimum: 0 };
const notNegative: Schema = { type: "number", minimum: 0 };
const belowOne: Schema = { type: "number", minimum: 0, exclusiveMaximum: 1 };
const share: Schema = { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 };
const factor: Schema = { type: "number", minimum: 0, maximum: 1 };
const count: Schema = { type: "integer", minimum: 1 };
const countOrNone: Schema = { type: "integer", minimum: 0 };
const pair = (items: Schema): Schema => ({ type: "array", items, minItems: 2, maxItems: 2 });
const inputRange: Schema = {
  anyOf: [{ const: "standardized" }, pair({ type: "number" })],
};

/** An object, or nothing. */
function orNull(schema: Schema): Schema {
  return { ...schema, type: ["object", "null"] };
}

/** The schema of a whole recipe. */
export const recipeSchema: Schema = object({
  name: { type: "string", pattern: "^[\\w-]+$" },
  title: { type: "string", minLength: 1 },
  epochs: count,
  batchSize: count,
  validationShare: share,
  order: { enum: ["own", "shared"] },
  schedule: tagged("kind", {
    constant: {},
    cosine: { warmupSteps: countOrNone, finalFactor: factor },
    linear: { warmupShare: belowOne, startFactor: factor, finalFactor: factor },
    oneCycle: { warmupShare: share, startDivisor: positive, finalDivisor: positive },
    step: { epochs: count, factor },
  }),
  labelSmoothing: belowOne,
  augmentation: object({
    horizontalFlip: { enum: ["none", "random", "alternating"] },
    crop: orNull(object({ padding: count, fill: { enum: ["black", "reflect"] } })),
    cutout: orNull(object({ size: count })),
    mixing: orNull(object({ kind: { enum: ["mixup", "cutmix"] }, alpha: positive })),
  }),
  weightDecay: orNull(object({
    kind: { enum: ["coupled", "decoupled"] },
    rate: positive,
    on: { enum: ["all", "weights"] },
  })),
  normRateFactor: positive,
  firstLayerEpochs: { type: ["integer", "null"], minimum: 0 },
  accumulation: count,
  clipNorm: { type: ["number", "null"], exclusiveMinimum: 0 },
  weightAverage: orNull(object({
    decay: belowOne,
    overwriteEvery: { type: ["integer", "null"], minimum: 1 },
  })),
  lookahead: orNull(object({ every: count, decay: factor, power: notNegative })),
  earlyStopping: orNull(object({ patience: count, minDelta: notNegative, restoreBest: boolean })),
  testTimeFlip: boolean,
  testTimeShift: countOrNone,
  keras: object({
    optimizer: tagged("name", {
      RMSprop: {
        learningRate: positive,
        rho: belowOne,
        momentum: belowOne,
        epsilon: notNegative,
      },
      SGD: { learningRate: positive, momentum: belowOne, nesterov: boolean },
      Adam: {
        learningRate: positive,
        beta1: belowOne,
        beta2: belowOne,
        epsilon: notNegative,
      },
    }),
    inputRange,
    softmaxInModel: boolean,
    batchNormalization: orNull(object({ momentum: factor, epsilon: notNegative })),
  }),
  torch: object({
    optimizer: tagged("name", {
      RMSprop: { lr: positive, alpha: notNegative, momentum: notNegative, eps: notNegative },
      SGD: { lr: positive, momentum: notNegative, nesterov: boolean },
      Adam: { lr: positive, betas: pair(belowOne), eps: notNegative },
    }),
    inputRange,
    softmaxBeforeLoss: boolean,
    dropoutAtEvaluation: boolean,
    initialization: { enum: ["model", "torch", "keras"] },
    batchNorm: orNull(object({ momentum: factor, eps: notNegative })),
  }),
});
