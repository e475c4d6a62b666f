/** Dumps of a real Keras model and of ports of it to real PyTorch (tests/golden/parity_dumps.py). */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { compareDumps } from "../../../bench/parity/dump/compare_dumps.ts";
import {
  defaultParityOptions,
  formatParity,
  ParityError,
  parityFlags,
  readParityOptions,
} from "../../../bench/parity/mod.ts";

const golden = (name: string) =>
  fileURLToPath(new URL(`../../golden/parity_${name}.safetensors`, import.meta.url));

const compare = (torch: string, keras = "keras") =>
  compareDumps({ ...defaultParityOptions(), kerasDump: golden(keras), torchDump: golden(torch) });

Deno.test("a right port from real Keras to real PyTorch agrees in every activation, gradient and update", async () => {
  const report = await compare("torch");
  assertEquals(report.agrees, true, formatParity(report));
  // All eight trained weights, forward and updated.
  assertEquals(report.layers.filter(({ kind }) => kind === "gradient").length, 8);
  assertEquals(report.layers.filter(({ pass }) => pass === "update").length, 8);
});

const broken: [torch: string, keras: string, part: string][] = [
  ["torch_eps", "norm", "output"],
  ["torch_relu", "second", "output"],
  ["torch_momentum", "first/first.kernel", "updates"],
];

for (const [torch, keras, part] of broken) {
  Deno.test(`found where it is in real models: ${torch}`, async () => {
    const report = await compare(torch);
    const { firstDifferent } = report;
    assertEquals(
      [firstDifferent?.keras, firstDifferent?.part],
      [keras, part],
      formatParity(report),
    );
  });
}

Deno.test("files that are no dumps are named", async () => {
  const none = await assertRejects(() => compare("nothing"), ParityError);
  assertStringIncludes(none.message, '--torch-dump: "');
  assertStringIncludes(none.message, "is not there");
  const swapped = await assertRejects(() => compare("torch", "torch"), ParityError);
  assertStringIncludes(swapped.message, "is of PyTorch, expected one of Keras");
});

Deno.test("one dump alone, or dumps and a model, are wrong usage", () => {
  const read = (args: string[]) =>
    readParityOptions(parseArguments(args, { flags: parityFlags, switches: [] }));
  assertStringIncludes(
    assertThrows(() => read(["--keras-dump", "a"]), UsageError).message,
    "expected both",
  );
  assertStringIncludes(
    assertThrows(
      () => read(["--keras-dump", "a", "--torch-dump", "b", "--model", "mlp"]),
      UsageError,
    ).message,
    "cannot be given with",
  );
});
