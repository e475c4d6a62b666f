/** Dumps of a real Keras model and of ports of it to real PyTorch (tests/golden/parity_dumps.py). */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { compareDumps } from "../../../bench/parity/dump/compare_dumps.ts";
import { compareWithModel } from "../../../bench/parity/dump/compare_with_model.ts";
import {
  defaultParityOptions,
  formatParity,
  ParityError,
  parityFlags,
  readParityOptions,
} from "../../../bench/parity/mod.ts";
import { decodeSafetensors, encodeSafetensors, fromHost } from "../../../onnx/mod.ts";
import { dumpedNetwork, type DumpedNetworkOptions } from "./dumped_network.ts";

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

Deno.test("a real model that ends in a dense layer with softmax agrees with a port that ends in logits", async () => {
  const reports = [
    await compare("torch", "keras_softmax"),
    await withModel("kerasDump", "keras_softmax"),
  ];
  for (const report of reports) assertEquals(report.agrees, true, formatParity(report));
});

/** A dump whose biases, scales and statistics are those of a fresh model; the gradients tell which is which. */
async function freshDump(name: string, folder: string, reversed: boolean): Promise<string> {
  const path = golden(name);
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), path);
  const entries = [...arrays].map(([name, array]) => {
    if (!/^weights\/.*(bias|beta|gamma|moving_|norm\.|running_)/.test(name)) {
      return [name, array] as const;
    }
    const isOne = /gamma|variance|norm\.weight|running_var/.test(name);
    const values = new Float32Array(array.size).fill(isOne ? 1 : 0);
    return [name, fromHost(values, array.shape)] as const;
  });
  const file = `${folder}/${name}.safetensors`;
  const bytes = await encodeSafetensors(new Map(reversed ? entries.reverse() : entries), metadata);
  await Deno.writeFile(file, bytes);
  return file;
}

Deno.test("weights of fresh models, many of them equal, are paired whatever their order", async () => {
  const folder = await Deno.makeTempDir();
  const kerasDump = await freshDump("keras", folder, false);
  const torchDump = await freshDump("torch", folder, true);
  const report = await compareDumps({ ...defaultParityOptions(), kerasDump, torchDump });
  assertEquals(report.agrees, true, formatParity(report));
  const names = report.layers.filter(({ pass }) => pass === "update").map(({ name }) => name);
  assertEquals(names.toSorted(), [
    "first/first.bias ~ first.bias",
    "first/first.kernel ~ first.weight",
    "head/head.bias ~ head.bias",
    "head/head.kernel ~ head.weight",
    "norm/norm.beta ~ norm.bias",
    "norm/norm.gamma ~ norm.weight",
    "second/second.bias ~ second.bias",
    "second/second.kernel ~ second.weight",
  ]);
});

const broken: [torch: string, keras: string, part: string][] = [
  ["torch_eps", "norm", "output"],
  ["torch_relu", "second/relu", "output"],
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

const withModel = (
  dump: "kerasDump" | "torchDump",
  name: string,
  pair: DumpedNetworkOptions = {},
) =>
  compareWithModel(
    { ...defaultParityOptions(), model: "network.ts", [dump]: golden(name) },
    dumpedNetwork(pair),
  );

Deno.test("a real model's dump agrees with the other idiom's model, in either direction", async () => {
  for (const [dump, name] of [["kerasDump", "keras"], ["torchDump", "torch"]] as const) {
    const report = await withModel(dump, name);
    assertEquals(report.agrees, true, formatParity(report));
    assertEquals(report.layers.filter(({ kind }) => kind === "gradient").length, 8);
    assertEquals(report.layers.some(({ name, agrees }) => name === "loss" && agrees), true);
  }
});

const unlike: ["kerasDump" | "torchDump", name: string, DumpedNetworkOptions, keras: string][] = [
  ["kerasDump", "keras", { eps: 0.1 }, "norm"],
  ["kerasDump", "keras", { withRelu: false }, "second/relu"],
  ["torchDump", "torch", { epsilon: 0.1 }, "norm"],
  ["torchDump", "torch_eps", {}, "norm"],
  ["torchDump", "torch_relu", {}, "second/relu"],
];

for (const [dump, name, pair, keras] of unlike) {
  Deno.test(`a model differs from the dump ${name} at ${keras}: ${JSON.stringify(pair)}`, async () => {
    const { agrees, firstDifferent } = await withModel(dump, name, pair);
    assertEquals([agrees, firstDifferent?.keras, firstDifferent?.pass], [
      false,
      keras,
      "evaluation",
    ]);
  });
}

Deno.test("what only the port has is no part of what agrees", async () => {
  for (const [spare, path] of [["module", "spare"], ["parameter", "first.spare"]] as const) {
    const { agrees, firstDifferent } = await withModel("kerasDump", "keras", { spare });
    assertEquals([agrees, firstDifferent?.torch, firstDifferent?.pass], [false, path, "weights"]);
  }
});

Deno.test("weights of a dump that are not the model's are named", async () => {
  const error = await assertRejects(
    () => withModel("torchDump", "torch", { classes: 6 }),
    ParityError,
  );
  assertEquals(
    error.message,
    "--torch-dump: torchModel has head.weight [6,36], the file has [5,36]",
  );
});

Deno.test("files that are no dumps are named", async () => {
  const none = await assertRejects(() => compare("nothing"), ParityError);
  assertStringIncludes(none.message, '--torch-dump: "');
  assertStringIncludes(none.message, "is not there");
  const swapped = await assertRejects(() => compare("torch", "torch"), ParityError);
  assertStringIncludes(swapped.message, "is of PyTorch, expected one of Keras");
});

Deno.test("one dump alone, or two dumps and a model, are wrong usage", () => {
  const read = (args: string[]) =>
    readParityOptions(parseArguments(args, { flags: parityFlags, switches: [] }));
  assertStringIncludes(
    assertThrows(() => read(["--keras-dump", "a"]), UsageError).message,
    "--keras-dump: expected --torch-dump or --model beside it",
  );
  assertStringIncludes(
    assertThrows(
      () => read(["--keras-dump", "a", "--torch-dump", "b", "--model", "mlp"]),
      UsageError,
    ).message,
    "cannot be given with",
  );
});
