/**
 * Networks that people port: accepted when right, and refused at the right layer when one thing is changed:
 * `deno task parity:networks [NAME [PART OF A CHANGE]]`. Exit code 1 where a verdict is wrong.
 */
import {
  defaultParityOptions,
  type ModelPair,
  type ParityReport,
  runParity,
  verdict,
} from "../../../../bench/parity/mod.ts";
import type { Change } from "./changes.ts";
import { networks } from "./networks.ts";

const options = { ...defaultParityOptions(), steps: 0, batchSize: 8 };

/** The Keras layer that a module's result is, by the report of the right port. */
function layersOf(report: ParityReport, path: string): string[] {
  const rows = report.layers.filter(({ torch }) => torch === path || torch.startsWith(`${path}.`));
  return [...new Set(rows.map(({ keras }) => keras.split("/")[0]))];
}

/** What was found, where it is the changed module or the layer that it is in Keras. */
function isRight(report: ParityReport, { path }: Change, layers: readonly string[]): boolean {
  const { firstDifferent: row, agrees } = report;
  if (agrees || !row) return false;
  const [keras] = row.keras.split("/");
  return row.torch === path || row.torch.startsWith(`${path}.`) || layers.includes(keras);
}

function changed(pair: ModelPair, change: Change): ModelPair {
  return {
    ...pair,
    torchModel(spec) {
      const model = pair.torchModel(spec);
      change.apply(model.getSubmodule(change.path), model);
      return model;
    },
  };
}

const [only, part = ""] = Deno.args;
const chosen = networks.filter((one) => !only || one.name === only);
if (chosen.length === 0) {
  console.error(
    `"${only}" is unknown, expected one of ${networks.map(({ name }) => name).join(", ")}`,
  );
  Deno.exit(2);
}
let wrong = 0;
for (const { name, load, changes } of chosen) {
  const pair = await load();
  const right = await runParity(options, { pair });
  if (!right.agrees) wrong++;
  console.log(
    `${right.agrees ? "right" : "WRONG"}  ${name}: ${right.agrees ? "accepted" : verdict(right)}`,
  );
  // Layers are numbered on; their place tells which is which.
  for (const change of changes.filter(({ name }) => name.includes(part))) {
    const report = await runParity(options, { pair: changed(pair, change) });
    const kerasNames = report.graphs!.keras.nodes.map((node) => node.name.split("/")[0]);
    const before = right.graphs!.keras.nodes.map((node) => node.name.split("/")[0]);
    const layers = layersOf(right, change.path).map((layer) =>
      kerasNames[before.indexOf(layer)] ?? layer
    );
    const good = isRight(report, change, layers);
    if (!good) wrong++;
    const { firstDifferent: row } = report;
    const found = row ? `${row.name}, ${row.part}, ${row.pass}` : "nothing";
    console.log(
      `${good ? "right" : "WRONG"}  ${name}, ${change.path}: ${change.name} | found ${found}`,
    );
  }
}
console.log(wrong === 0 ? "all verdicts are right" : `${wrong} verdicts are wrong`);
Deno.exit(wrong > 0 ? 1 : 0);
