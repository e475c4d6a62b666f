/**
 * Which public names of Keras 3 there are here. The table of the README is what this prints:
 * `deno run -P=default tests/keras_style/coverage_test.ts`
 */
import { assert, assertEquals } from "@std/assert";
import { markdownTable } from "markdown-table";
import * as keras from "../../keras_style/mod.ts";
import { toCamelCase } from "../../keras_style/naming.ts";
import golden from "../golden/keras_names.json" with { type: "json" };

type Module = keyof typeof golden.names;

/** Names that mean the same and follow another rule than camelCase. */
const OTHERS: Readonly<Record<string, string>> = { serialize_keras_object: "serializeKerasObject" };

function missing(module: Module): string[] {
  const own = (keras as unknown as Record<string, object>)[module];
  return golden.names[module].filter((name) => {
    const isClass = /^[A-Z]/.test(name);
    return !Object.hasOwn(own, OTHERS[name] ?? (isClass ? name : toCamelCase(name)));
  });
}

const modules = Object.keys(golden.names) as Module[];

/** The rows of the README's table. */
function rows(): string[][] {
  return modules.map((module) => {
    const all = golden.names[module].length;
    const here = all - missing(module).length;
    return [`\`keras.${module}\``, `${all}`, `${here}`, `${Math.round(100 * here / all)} %`];
  });
}

if (import.meta.main) {
  console.log(markdownTable([["names of Keras", "for dense tensors", "here", "share"], ...rows()]));
  for (const module of modules) console.log(`${module}: ${missing(module).join(" ")}`);
}

Deno.test("the README's counts of Keras' names are true, and at least nine of ten are here", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const counted = [...readme.matchAll(/^\| (`keras\.\w+`) +\| +(\d+) \| +(\d+) \| +(\d+ %) \|$/gm)]
    .map(([, ...cells]) => cells);
  assertEquals(counted, rows());
  for (const [name, , , share] of rows()) assert(parseInt(share) >= 90, `${name}: ${share}`);
});

Deno.test("the base classes stand at the top of keras, too", () => {
  const { Initializer, Layer, Loss, Metric, Optimizer, Regularizer } = keras;
  assertEquals(new keras.losses.Dice() instanceof Loss, true);
  assertEquals(new keras.metrics.Sum() instanceof Metric, true);
  assertEquals(new keras.optimizers.Lion() instanceof Optimizer, true);
  assertEquals(new keras.initializers.Ones() instanceof Initializer, true);
  assertEquals(new keras.regularizers.L1() instanceof Regularizer, true);
  assertEquals(keras.layers.Lambda({ function: (x) => x }) instanceof Layer, true);
});
