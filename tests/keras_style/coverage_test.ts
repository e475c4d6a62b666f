/**
 * Which public names of Keras 3 there are here. The table of the README is what this prints:
 * `deno run -P=default tests/keras_style/coverage_test.ts`
 */
import { assertEquals } from "@std/assert";
import * as keras from "../../keras_style/mod.ts";
import { toCamelCase } from "../../keras_style/naming.ts";
import golden from "../golden/keras_names.json" with { type: "json" };

type Module = keyof typeof golden.names;

/** Names that mean the same and follow another rule than camelCase. */
const OTHERS: Readonly<Record<string, string>> = { serialize_keras_object: "serializeKerasObject" };

/** How many names may be missing; only ever less. */
const MISSING: Record<Module, number> = {
  layers: 16,
  losses: 0,
  metrics: 0,
  optimizers: 2,
  callbacks: 0,
  ops: 29,
  activations: 0,
  initializers: 0,
  regularizers: 0,
  constraints: 0,
  random: 0,
};

function missing(module: Module): string[] {
  const own = (keras as unknown as Record<string, object>)[module];
  return golden.names[module].filter((name) => {
    const isClass = /^[A-Z]/.test(name);
    return !Object.hasOwn(own, OTHERS[name] ?? (isClass ? name : toCamelCase(name)));
  });
}

const modules = Object.keys(golden.names) as Module[];

/** The table of the README. */
function table(): string {
  const rows = modules.map((module) => {
    const all = golden.names[module].length;
    const there = all - missing(module).length;
    return `| keras.${module} | ${there} of ${all} | ${Math.round(100 * there / all)} % |`;
  });
  return ["| module | names of Keras 3.15 | share |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) {
  console.log(table());
  for (const module of modules) console.log(`${module}: ${missing(module).join(" ")}`);
}

for (const module of modules) {
  Deno.test(`names of keras.${module}: no more are missing than were`, () => {
    assertEquals(missing(module).length <= MISSING[module], true, missing(module).join(" "));
  });
}

Deno.test("the base classes stand at the top of keras, too", () => {
  const { Initializer, Layer, Loss, Metric, Optimizer, Regularizer } = keras;
  assertEquals(new keras.losses.Dice() instanceof Loss, true);
  assertEquals(new keras.metrics.Sum() instanceof Metric, true);
  assertEquals(new keras.optimizers.Lion() instanceof Optimizer, true);
  assertEquals(new keras.initializers.Ones() instanceof Initializer, true);
  assertEquals(new keras.regularizers.L1() instanceof Regularizer, true);
  assertEquals(keras.layers.Lambda({ function: (x) => x }) instanceof Layer, true);
});
