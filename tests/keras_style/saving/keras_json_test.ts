/** Configurations as JSON against what Python's Keras saves (tests/golden/keras_configs.py). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as keras from "../../../keras_style/mod.ts";
import { toCamelCase } from "../../../keras_style/naming.ts";
import { isOperation } from "../../../keras_style/layers/keras_tensor.ts";
import { operationClasses } from "../../../keras_style/saving/keras_operations.ts";
import { fromKeras } from "../../../keras_style/saving/from_keras.ts";
import { toKeras } from "../../../keras_style/saving/to_keras.ts";
import type { Kind } from "../../../keras_style/saving/keras_settings.ts";
import golden from "../../golden/keras_configs.json" with { type: "json" };
import operations from "../../golden/keras_operations.json" with { type: "json" };
import { inFolder } from "../../in_folder.ts";

interface ConfigCase {
  readonly kind: Kind;
  readonly class: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whole, or what differs from the first case of the class. */
  readonly saved?: Saved;
  readonly changes?: Readonly<Record<string, unknown>>;
}

interface Saved {
  readonly module: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly registered_name: string | null;
}

const cases = golden as unknown as readonly ConfigCase[];
const modules: Readonly<Record<Kind, object>> = {
  layers: keras.layers,
  optimizers: keras.optimizers,
  schedules: keras.optimizers.schedules,
  losses: keras.losses,
  metrics: keras.metrics,
  initializers: keras.initializers,
  regularizers: keras.regularizers,
  constraints: keras.constraints,
  random: keras.random,
};

/** Python's arguments as this idiom takes them. */
function optionsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(optionsOf);
  if (typeof value !== "object" || value === null) return value;
  const named = value as Record<string, unknown>;
  if (typeof named.__layer__ === "string") return made("layers", named.__layer__, named.config);
  return Object.fromEntries(
    Object.entries(named).map(([name, entry]) => [toCamelCase(name), optionsOf(entry)]),
  );
}

interface Configurable {
  getConfig(): Record<string, unknown>;
}

function made(kind: Kind, name: string, args: unknown): Configurable {
  const Class = (modules[kind] as Record<string, new (options: unknown) => Configurable>)[name];
  assert(Class, `there is no ${kind} ${name}`);
  return new Class(optionsOf(args));
}

/** What Python leaves out of its configurations, although its constructors take it. */
const MORE_HERE: Readonly<Record<string, readonly string[]>> = {
  SimpleRNN: ["seed"],
  RandomGrayscale: ["seed"],
  CosineSimilarity: ["axis"],
  Huber: ["delta"],
  SparseCategoricalCrossentropy: ["axis"],
  BinaryCrossentropy: ["axis"],
  SparseTopKCategoricalAccuracy: ["from_sorted_ids"],
  AUC: ["thresholds", "num_thresholds"],
  Identity: ["gain"],
};

/** What configurations are compared by: no names, single precision, one spelling of the same thing. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "number") return Math.fround(value);
  if (typeof value !== "object" || value === null) return value;
  const { class_name: name, config } = value as { class_name?: string; config?: unknown };
  if (name === "DTypePolicy") return (config as { name: string }).name;
  if (name === "__tensor__") return comparable((config as { value: unknown }).value);
  const entries = Object.entries(value).filter(([key]) => !["name", "build_config"].includes(key));
  if (typeof name !== "string" || typeof config !== "object") {
    return Object.fromEntries(entries.map(([key, entry]) => [key, comparable(entry)]));
  }
  const settings = Object.entries(config as object)
    .filter(([key]) => key !== "name" && !MORE_HERE[name]?.includes(key))
    .map(([key, entry]) => [key, comparable(oneSpelling(name, key, entry))]);
  // Keras does not export it.
  const origin = name === "ScheduleFreeAdamW" ? { module: null, registered_name: null } : {};
  return { ...Object.fromEntries(entries), ...origin, config: Object.fromEntries(settings) };
}

function oneSpelling(className: string, key: string, value: unknown): unknown {
  // A seed drawn at random.
  if (className === "RandomCrop" && key === "seed") return null;
  // Counts are int32 here.
  // Written as null: it follows from the vocabulary.
  if (className === "IntegerLookup" && key === "vocabulary_size") return null;
  if (value === "int64") return "int32";
  // Axes are a list there even where one is given.
  if (className !== "Normalization" || key !== "axis" || !Array.isArray(value)) return value;
  return value.length === 0 ? null : value.length === 1 ? value[0] : value;
}

const first = new Map<string, Saved>();
const savedCases = cases.map((one) => {
  const key = `${one.kind}.${one.class}`;
  if (one.saved && !first.has(key)) first.set(key, one.saved);
  const base = first.get(key)!;
  return { one, saved: one.saved ?? { ...base, config: { ...base.config, ...one.changes } } };
});

Deno.test("every operation that Keras' files have a class for is one of keras.ops", () => {
  const known = operationClasses();
  assert(known.length > 150, `${known.length}`);
  const classes: Readonly<Record<string, readonly string[]>> = operations;
  for (const { saved, className, settings } of known) {
    assert(isOperation(saved), `${saved} is no operation here`);
    assert(classes[className], `${className} is no class of Keras`);
    assertEquals(settings.filter((name) => !classes[className].includes(name)), [], className);
  }
});

for (const kind of Object.keys(modules) as Kind[]) {
  const own = savedCases.filter(({ one }) => one.kind === kind);
  Deno.test(`${own.length} configurations of ${kind} are Python's, and are read back`, () => {
    for (const { one, saved } of own) {
      const what = `${one.class} ${JSON.stringify(one.args)}`;
      const object = made(kind, one.class, one.args);
      const className = object.constructor.name;
      const config = JSON.parse(JSON.stringify(object.getConfig()));
      const json = toKeras({ className, config }, kind);
      const expected = comparable(saved);
      assertEquals(comparable(json), expected, what);
      const read = fromKeras(JSON.parse(JSON.stringify(saved)), kind);
      const again = made(kind, read.className, { ...read.config });
      const back = toKeras({ className, config: again.getConfig() }, kind);
      assertEquals(comparable(back), expected, `read back: ${what}`);
      // Keras does not export it: its file says where it lies in the sources.
      if (one.class === "ScheduleFreeAdamW") continue;
      const whole = keras.saving.deserializeKerasObject(saved);
      const written = keras.saving.serializeKerasObject(whole);
      assertEquals(comparable(written), expected, `as an object: ${what}`);
    }
  });
}

Deno.test("objects of one's own are saved and made by the name that they are registered under", () => {
  class Halves extends keras.initializers.Constant {
    constructor() {
      super({ value: 0.5 });
    }
    override getConfig(): Record<string, unknown> {
      return {};
    }
  }
  keras.saving.registerKerasSerializable(Halves, { package: "mine" });
  const dense = new keras.layers.Dense({ units: 2, kernelInitializer: new Halves() });
  const saved = keras.saving.serializeKerasObject(dense);
  assertEquals((saved.config as Record<string, unknown>).kernel_initializer, {
    module: null,
    class_name: "Halves",
    config: {},
    registered_name: "mine>Halves",
  });
  const made = keras.saving.deserializeKerasObject(saved) as keras.layers.Dense;
  assert(made.kernelSettings.initializer instanceof Halves);
  assertThrows(() => keras.saving.serializeKerasObject(3), TypeError, "object is 3, expected");
  assertThrows(() => keras.saving.deserializeKerasObject({ a: 1 }), TypeError, "no saved object");
  class Odd extends keras.layers.Layer {
    override getConfig(): Record<string, unknown> {
      return { ...super.getConfig(), my_option: 1 };
    }
  }
  assertThrows(
    () => keras.saving.serializeKerasObject(new Odd()),
    Error,
    'getConfig of Odd has "my_option", expected names in camelCase',
  );
});

Deno.test("an initializer's SeedGenerator is written as Python writes it, and read back", () => {
  const seed = {
    module: "keras.random",
    class_name: "SeedGenerator",
    config: { name: "seed_generator", seed: 7 },
    registered_name: null,
  };
  for (const Class of [keras.initializers.RandomNormal, keras.initializers.HeNormal]) {
    const initializer = new Class({ seed: new keras.random.SeedGenerator({ seed: 7 }) });
    const saved = keras.saving.serializeKerasObject(initializer);
    assertEquals((saved as unknown as Saved).config.seed, seed);
    const made = keras.saving.deserializeKerasObject(saved) as typeof initializer;
    assertEquals(made.getConfig(), initializer.getConfig());
    // As one with a generator does, it goes on with each use.
    assertEquals(made.clone(), made);
  }
});

Deno.test("the functions of keras.saving and keras.models are the models' own", () =>
  inFolder(async (folder) => {
    const { models, saving } = keras;
    const model = new models.Sequential([
      keras.Input({ shape: [2] }),
      new keras.layers.Dense({ units: 1 }),
    ]);
    await models.saveModel(model, `${folder}/m.keras`);
    await saving.saveWeights(model, `${folder}/m.weights.h5`);
    const copy = models.cloneModel(await models.loadModel(`${folder}/m.keras`));
    await saving.loadWeights(copy, `${folder}/m.weights.h5`);
    assertEquals(await copy.weights[0].array(), await model.weights[0].array());
    assertEquals(models.modelFromJSON(model.toJSON()).countParams(), 3);
  }));
