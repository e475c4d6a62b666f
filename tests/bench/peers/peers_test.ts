import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { ratioChart } from "../../../bench/peers/chart.ts";
import { measureTask, proveModel, turned } from "../../../bench/peers/measure.ts";
import { parsePeersOptions } from "../../../bench/peers/options.ts";
import {
  type PeersReport,
  type Proof,
  proofError,
  ratioOf,
  type Row,
} from "../../../bench/peers/report.ts";
import type { SideName } from "../../../bench/peers/requests.ts";
import { hashed, labelValues, toChannelsFirst } from "../../../bench/peers/same_batch.ts";
import { SideError, SideProcess } from "../../../bench/peers/side_process.ts";
import { comparisonsOf, peersMarkdown } from "../../../bench/peers/tables.ts";
import { readEnvironment } from "../../../bench/results/environment.ts";

Deno.test("command line: defaults, values, what is refused", () => {
  const { models, sides, batch, infer, measures } = parsePeersOptions([]);
  assertEquals([models, sides, batch, infer], [null, null, [32, 128], [1, 200]]);
  assertEquals(measures, ["step", "inference"]);
  const given = parsePeersOptions(["--sides", "keras,torch_style", "--batch=7", "--models", "mlp"]);
  assertEquals([given.sides, given.batch, given.models], [["torch_style", "keras"], [7], ["mlp"]]);
  for (
    const [args, message] of [
      [["--sides", "pytroch"], "did you mean pytorch?;"],
      [["--batch", "0"], '--batch is "0", expected an integer from 1'],
      [["--batch", "3,3"], '--batch is "3,3"'],
      [["--threads", "0"], '--threads is "0", expected an integer from 1 to 1024'],
      [["--rounds", "x"], '--rounds is "x"'],
      [["--out", ""], "--out: needs a value"],
      [["--steps", "3"], "--steps is unknown"],
    ] as const
  ) assertThrows(() => parsePeersOptions(args), UsageError, message);
});

Deno.test("the batch is that of same_batch.py", () => {
  // Printed by Python.
  const expected = [0.75942779, 0.22536039, 0.57750088, 0.89847386, 0.65120643, 0.91083676];
  hashed(6, 1).forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-7));
  assertAlmostEquals(hashed(100_000, 3).reduce((a, b) => a + b), 50132.273398160934, 1e-6);
  assertEquals(labelValues(4, 10), [0, 7, 4, 1]);
  const image = Float32Array.of(1, 2, 3, 4, 5, 6); // Three pixels of two channels.
  assertEquals([...toChannelsFirst(image, [1, 3, 2])], [1, 3, 5, 2, 4, 6]);
});

Deno.test("a proof names what differs", () => {
  assertEquals(proofError([5, 5], [[2.3, 2.2], [2.3, 2.2005]]), null);
  assert(proofError([5, 5], [[2.3, 2.2], [2.3, 2.203]]) !== null);
  // As far as rounding alone takes the peer's own, but no further, and not before an update.
  const nearby = [[2.3, 2.206], [2.3, 2.208]];
  assertEquals(proofError([5, 5], [[2.3, 2.2], [2.3, 2.203]], nearby), null);
  assertEquals(proofError([5, 5], [[2.3, 2.213], [2.3, 2.203]], nearby), null);
  assert(proofError([5, 5], [[2.3, 2.214], [2.3, 2.203]], nearby)!.includes("2.206, 2.208"));
  assert(proofError([5, 5], [[2.31, 2.2], [2.3, 2.203]], [[2.32, 2.2]]) !== null);
  assertEquals(proofError([5, 6], [[1], [1]]), "5 parameters here, 6 there");
  const wrong = proofError([5, 5], [[2.3, 2.2], [2.3, 2.22]]);
  assertEquals(wrong, "loss of step 2 from the same weights: 2.2 here, 2.22 there");
  assertEquals(
    proofError([5, 5], [[2.3, 2.2], [2.31, 2.2]]),
    "loss of step 1 from the same weights: 2.3 here, 2.31 there",
  );
  assert(proofError([5, 5], [[NaN], [NaN]]) !== null);
});

Deno.test("ratios are of rounds, pair by pair; sides take turns", () => {
  const times = (rounds: number[]) => ({ rounds, quickestMs: Math.min(...rounds) });
  // The second round met other work on the machine, and both sides alike.
  const ratio = ratioOf(times([10, 30]), times([20, 60]))!;
  assertAlmostEquals(ratio.value, 2);
  assertAlmostEquals(ratio.low!, 2);
  assertAlmostEquals(ratio.quickest, 2);
  assertEquals(ratioOf(times([10]), times([20]))!.low, null);
  assertEquals(ratioOf(times([]), times([20])), null);
  assertEquals([0, 1, 2, 3].map((round) => turned("abc".split(""), round).join("")), [
    ...["abc", "bca", "cab", "abc"],
  ]);
});

function row(side: SideName, ms: number, error: string | null = null): Row {
  const task = { model: "mlp", measure: "step", batch: 32, side } as const;
  return { ...task, rounds: [ms, ms], quickestMs: ms, firstMs: 100, peakMiB: 300, error };
}

function proof(ours: SideName, peer: SideName, error: string | null): Proof {
  return { model: "mlp", ours, peer, parameters: [5, 5], losses: [[1], [1]], error };
}

Deno.test("a failed proof or row gives no ratio, and the report says why", async () => {
  const report: PeersReport = {
    schemaVersion: 1,
    experiment: "peers",
    command: "deno task bench:peers",
    environment: await readEnvironment(),
    threads: 2,
    load: [0.5, 2],
    versions: { pytorch: "2.15.0" },
    left: [{ side: "pytorch_compile", why: "there is no C++ compiler" }],
    proofs: [
      proof("torch_style", "pytorch", null),
      proof("keras_style", "keras", "loss of step 1 from the same weights: 1 here, 2 there"),
    ],
    rows: [
      row("torch_style", 10),
      row("keras_style", 20, "took more than 3 s"),
      row("pytorch", 15),
      row("keras", 30),
    ],
  };
  const comparisons = comparisonsOf(report);
  assertEquals(comparisons.map(({ ours, peer }) => [ours, peer]), [["torch_style", "pytorch"]]);
  const text = peersMarkdown(report);
  for (
    const part of [
      "1.50 (1.50 to 1.50); 1.50",
      "**no**: loss of step 1",
      "`keras_style`: took more than 3 s",
      "`pytorch_compile` was not measured: there is no C++ compiler",
      "Threads: 2 on every side",
    ]
  ) assert(text.includes(part), `${part} is not in\n${text}`);
  const svg = await ratioChart(comparisons, "light");
  assert(svg!.includes("torch_style against pytorch 1.50"));
  assertEquals(await ratioChart([], "light"), null);
});

const options = {
  python: "deno",
  threads: 2,
  timeLimit: 60,
  rounds: 2,
  roundMs: 1,
  note: () => {},
  onVersion: () => {},
};
const task = { model: "mlp", imageShape: [4, 4, 3], classes: 10 };

Deno.test("a side is a process that answers; a peer that cannot run fails its own row", async () => {
  // "deno" is no Python: it ends at once.
  const sides = ["torch_style", "pytorch"] as const;
  const [own, peer] = await measureTask(sides, { ...task, batch: 2 }, "step", options);
  assertEquals([own.error, own.rounds.length], [null, 2]);
  assert(own.peakMiB! > 50 && own.firstMs! > 0 && own.quickestMs! > 0);
  assert(peer.error!.startsWith("ended by exit code"), peer.error!);
  const [proof] = await proveModel(["pytorch"], task, await Deno.makeTempDir(), options);
  assert(proof.error!.startsWith("pytorch: ended by exit code"), proof.error!);
});

Deno.test("an unknown model is an answer, a side that takes too long is ended", async () => {
  await using side = SideProcess.start("keras_style_onnx", { ...options, timeLimit: 0.01 });
  await assertRejects(() => side.ask({ do: "hello" }), SideError, "took more than 0.01 s");
  await using other = SideProcess.start("keras_style_onnx", { ...options, threads: 1 });
  const wrong = {
    ...task,
    model: "nothing",
    batch: 2,
    do: "prepare",
    measure: "inference",
  } as const;
  await assertRejects(() => other.ask(wrong), SideError, '"nothing" is unknown');
  assert((await other.ask({ ...wrong, model: "mlp" })).firstMs > 0);
});
