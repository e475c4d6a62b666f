/**
 * Losses and metrics by name, as an object and as a function: what a `.keras` archive holds of them Python's Keras knows
 * (tests/golden/keras_identifiers.py), and names and configurations come back as they were.
 */
import { assert, assertEquals } from "@std/assert";
import * as keras from "../../../keras_style/mod.ts";
import { toSnakeCase } from "../../../keras_style/naming.ts";
import {
  compileConfig,
  compileFromKeras,
  compileOptions,
  compileToKeras,
} from "../../../keras_style/saving/compile_config.ts";
import golden from "../../golden/keras_identifiers.json" with { type: "json" };

const { losses, metrics } = keras;
type Named = { readonly name: string; getConfig(): Record<string, unknown> };

/** Base classes, in either spelling, and tools. */
const NO_MEMBERS = [
  "Loss",
  "Metric",
  "MeanMetricWrapper",
  "Initializer",
  "RandomInitializer",
  "Regularizer",
  "Constraint",
]
  .flatMap((name) => [name, toSnakeCase(name)]).concat(["deserialize", "get", "serialize"]);

/** Classes that can be made without options, and functions, of a module. */
function membersOf(module: object) {
  const entries = Object.entries(module).filter(([name]) => !NO_MEMBERS.includes(name));
  const makes = ([, Class]: [string, unknown]) => {
    try {
      return new (Class as new () => unknown)() !== undefined;
    } catch {
      return false;
    }
  };
  return {
    classes: entries.filter(([name]) => /^[A-Z]/.test(name)).filter(makes),
    functions: entries.filter(([name]) => /^[a-z]/.test(name)).map(([, run]) => run),
  };
}

/** `KLDivergence` to `klDivergence`, as a function is called. */
function asFunction(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (start) => start.toLowerCase());
}

const SHORT = ["mse", "MSE", "mae", "mape", "msle", "bce", "BCE"];
const KINDS = {
  losses: { field: "loss", get: losses.get, short: [...SHORT, "kld"], module: losses },
  metrics: {
    field: "metrics",
    get: metrics.get,
    short: [...SHORT, "kld", "rmse", "cosine", "logCosh", "log_cosh"],
    module: metrics,
  },
} as const;

for (const [kind, { field, get, short, module }] of Object.entries(KINDS)) {
  const { classes, functions } = membersOf(module);
  const names = classes.flatMap(([name]) => {
    // As one word they are known here alone.
    return [name, asFunction(name), toSnakeCase(name), name.toLowerCase()];
  });
  const objects = classes.map(([, Class]) =>
    new (Class as new (options: object) => unknown)({ name: "own" })
  );
  const given = [...names, ...short, ...objects, ...functions];

  Deno.test(`${kind} by name, as objects and functions come back with their names`, () => {
    assert(classes.length > 15 && functions.length > 15);
    const optimizer = new keras.optimizers.SGD();
    const options = { loss: "mse", optimizer, [field]: given } as keras.CompileOptions;
    const saved = compileToKeras(options, optimizer);
    const known = golden[kind as keyof typeof KINDS];
    for (const entry of saved[field] as (string | Record<string, string>)[]) {
      if (typeof entry === "string") assert(known.includes(entry), entry);
      else if (entry.class_name === "function") {
        assert(golden.functions.includes(entry.config), entry.config);
      } else assert(entry.module === `keras.${kind}`, JSON.stringify(entry));
    }
    const ofArchive = compileOptions(compileFromKeras(JSON.parse(JSON.stringify(saved)))!, {});
    const ofSafetensors = compileOptions(
      JSON.parse(JSON.stringify(compileConfig({ ...options, optimizer: "sgd" }))),
      {},
    );
    const told = (list: unknown) =>
      (list as unknown[]).map((one) => {
        const object = get(one as "mse") as unknown as Named;
        return [object.constructor.name, object.name, object.getConfig?.()];
      });
    const expected = told(given);
    assertEquals(told(ofSafetensors[field as "loss"]), expected);
    const isNameOfLoss = (one: unknown) => kind === "losses" && typeof one === "string";
    assertEquals(
      told(ofArchive[field as "loss"]).filter((_, i) => !isNameOfLoss(given[i])),
      expected.filter((_, i) => !isNameOfLoss(given[i])),
    );
    // A loss shows no name: those that were asked for by another spelling have their class'.
    assertEquals(
      told(ofArchive[field as "loss"]).map(([Class]) => Class),
      expected.map(([Class]) => Class),
    );
  });
}

/** What a dense layer is made of, and the option that takes it. */
const PARTS = {
  activations: ["activation", keras.activations],
  initializers: ["kernelInitializer", keras.initializers],
  regularizers: ["kernelRegularizer", keras.regularizers],
  constraints: ["kernelConstraint", keras.constraints],
} as const;

for (const [kind, [option, module]] of Object.entries(PARTS)) {
  Deno.test(`${kind} of a layer by name and as objects come back as they were`, () => {
    const known = golden[kind as keyof typeof PARTS];
    const ours = Object.keys(module);
    const names = known.filter((name) => !NO_MEMBERS.includes(name));
    const { classes, functions } = membersOf(module);
    const spellings = [...classes, ...functions.map((run) => [(run as () => void).name] as const)]
      .flatMap(([name]) => ours.includes(name) ? [name, asFunction(name), toSnakeCase(name)] : []);
    const objects = kind === "activations"
      ? Object.entries(module).filter(([name]) => known.includes(toSnakeCase(name)))
        .map(([, run]) => run)
      : classes.map(([, Class]) => new (Class as new () => unknown)());
    const given = [...names, ...spellings, ...objects];
    assert(given.length > 10, `${given.length} of ${kind}`);
    for (const one of given) {
      const layer = new keras.layers.Dense({ units: 4, [option]: one } as { units: number });
      const saved = keras.saving.serializeKerasObject(layer) as {
        config: Record<string, string | { module: string; class_name: string } | null>;
      };
      const written = saved.config[toSnakeCase(option)];
      if (typeof written === "string") assert(known.includes(written), written);
      else if (written !== null) assertEquals(written.module, `keras.${kind}`);
      const again = keras.saving.deserializeKerasObject(JSON.parse(JSON.stringify(saved)));
      assertEquals((again as keras.layers.Layer).getConfig(), layer.getConfig(), String(one));
    }
  });
}
