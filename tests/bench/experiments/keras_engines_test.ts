import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type EngineEpoch, measureEpoch } from "../../../bench/experiments/engine_epoch.ts";
import {
  orderOf,
  parseEnginesOptions,
  summaryOf,
} from "../../../bench/experiments/keras_engines.ts";

function epoch(engine: string, stepMs: number[]): EngineEpoch {
  const held = { numTensors: 22, rssMiB: 300.4 };
  const runMs = engine === "onnxruntime" ? 9.5 : null;
  return { engine, stepMs, runMs, start: held, end: held, unreliable: false, loss: 2.25 };
}

Deno.test("command line: defaults, values, what is refused", () => {
  assertEquals(parseEnginesOptions([]), { help: false, rounds: 3, steps: 150 });
  const given = parseEnginesOptions(["--rounds", "2", "--steps=40", "--help"]);
  assertEquals(given, { help: true, rounds: 2, steps: 40 });
  assertThrows(() => parseEnginesOptions(["--rounds", "0"]), RangeError, '--rounds is "0"');
  assertThrows(() => parseEnginesOptions(["--steps", "x"]), RangeError, '--steps is "x"');
  assertThrows(() => parseEnginesOptions(["--epochs", "3"]), RangeError, "--epochs is unknown");
});

Deno.test("engines take turns, and the ratios are of all steps of an engine", () => {
  assertEquals(orderOf(0), [...orderOf(1)].reverse());
  const { table, ratios } = summaryOf([
    epoch("onnxruntime", [10, 11, 90]),
    epoch("tfjs-node", [32, 33, 33]),
    epoch("onnxruntime", [11, 12]),
  ]);
  assertEquals(ratios.map(({ than }) => than), ["tfjs-node"]);
  assertAlmostEquals(ratios[0].median, 3);
  assertAlmostEquals(ratios[0].undisturbed, 32.2 / 10.4);
  const line = table.split("\n")[3].split("|").map((cell) => cell.trim()).slice(1, -1);
  const memory = ["22 → 22", "300 → 300 MiB", "yes"];
  assertEquals(line, ["tfjs-node", "33.0 ms", "32.2 ms", "–", ...memory, "2.2500"]);
});

Deno.test("an epoch on onnxruntime keeps as many tensors at its end as after its first steps", async () => {
  const { engine, stepMs, runMs, start, end, unreliable, loss } = await measureEpoch(
    "onnxruntime",
    8,
  );
  assertEquals([engine, stepMs.length, unreliable], ["onnxruntime", 8, false]);
  assertEquals(end.numTensors, start.numTensors);
  assert(runMs !== null && runMs > 0 && runMs < Math.max(...stepMs), `${runMs} of ${stepMs}`);
  assert(loss > 1 && loss < 4, `loss ${loss}`);
});
