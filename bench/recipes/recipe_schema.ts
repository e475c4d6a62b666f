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
const inputRange = pair({ type: "number" });

const torchAdam = {
  lr: positive,
  betas: pair(belowOne),
  eps: notNegative,
  weightDecay: notNegative,
};

const kerasAdam = {
  learningRate: positive,
  beta1: belowOne,
  beta2: belowOne,
  epsilon: notNegative,
  weightDecay: notNegative,
};

/** The schema of a whole recipe. */
export const recipeSchema: Schema = object({
  name: { type: "string", pattern: "^[\\w-]+$" },
  title: { type: "string", minLength: 1 },
  epochs: count,
  batchSize: count,
  validationShare: share,
  schedule: tagged("kind", {
    constant: {},
    cosine: { warmupSteps: countOrNone, finalFactor: factor },
    oneCycle: { warmupShare: share, startDivisor: positive, finalDivisor: positive },
    step: { epochs: count, factor },
  }),
  labelSmoothing: belowOne,
  augmentation: object({
    horizontalFlip: boolean,
    crop: { ...object({ padding: count }), type: ["object", "null"] },
  }),
  keras: object({
    optimizer: tagged("name", {
      RMSprop: {
        learningRate: positive,
        rho: belowOne,
        momentum: belowOne,
        epsilon: notNegative,
        weightDecay: notNegative,
      },
      SGD: {
        learningRate: positive,
        momentum: belowOne,
        nesterov: boolean,
        weightDecay: notNegative,
      },
      Adam: kerasAdam,
      AdamW: kerasAdam,
    }),
    inputRange,
    softmaxInModel: boolean,
  }),
  torch: object({
    optimizer: tagged("name", {
      RMSprop: {
        lr: positive,
        alpha: notNegative,
        momentum: notNegative,
        eps: notNegative,
        weightDecay: notNegative,
      },
      SGD: { lr: positive, momentum: notNegative, nesterov: boolean, weightDecay: notNegative },
      Adam: torchAdam,
      AdamW: torchAdam,
    }),
    inputRange,
    softmaxBeforeLoss: boolean,
    dropoutAtEvaluation: boolean,
    initialization: { enum: ["torch", "keras"] },
  }),
});
