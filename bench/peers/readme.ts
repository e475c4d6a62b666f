/**
 * `deno task readme:peers`: writes what the committed reports of `deno task bench:peers` found into README.md, between two marks.
 * @module
 */
import { fileURLToPath } from "node:url";
import { markdownTable } from "markdown-table";
import { none } from "../output/charts/numbers.ts";
import type { PeersReport, Row } from "./report.ts";
import type { Measure, SideName } from "./requests.ts";
import { comparisonsOf, MEASURE_TITLES, measuresOf, tasksOf } from "./tables.ts";

const EVIDENCE = new URL("../evidence/peers/", import.meta.url);
const README = new URL("../../README.md", import.meta.url);

const BEGIN = "<!-- deno task readme:peers -->";
const END = "<!-- end of readme:peers -->";

/** What is shown of all comparisons: each idiom, and what it exports, against the framework that it is written like. */
const PAIRS: readonly (readonly [ours: SideName, peer: SideName])[] = [
  ["torch_style", "pytorch"],
  ["torch_style", "pytorch_channels_last"],
  ["torch_style", "pytorch_compile"],
  ["torch_style_onnx", "pytorch"],
  ["keras_style", "keras"],
  ["keras_style_tfjs_node", "keras"],
  ["keras_style_onnx", "keras"],
];

/** The committed reports by folder, in the order of their names. */
export async function evidence(): Promise<ReadonlyMap<string, PeersReport>> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(EVIDENCE)) {
    if (isDirectory) names.push(name);
  }
  const reports = await Promise.all(
    names.sort().map(async (name) => {
      const text = await Deno.readTextFile(new URL(`${name}/peers.json`, EVIDENCE));
      return [name, JSON.parse(text) as PeersReport] as const;
    }),
  );
  return new Map(reports);
}

/** README.md with its part about the peers written anew. @throws {Error} if the marks are not there */
export function withPeers(readme: string, reports: ReadonlyMap<string, PeersReport>): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md lacks ${BEGIN} and ${END}`);
  const parts = [...reports].map(([name, report]) => partOf(name, report));
  // Lines as long as they are: a formatter would make others of them.
  const [from, to] = ["start", "end"].map((where) => `<!-- deno-fmt-ignore-${where} -->`);
  return [before + BEGIN, from, ...parts, to, END + after].join("\n\n");
}

function partOf(name: string, report: PeersReport): string {
  const { environment: { cpuModel, cores, date }, threads, command } = report;
  return [
    `[\`${name}\`](bench/evidence/peers/${name}/peers.md): ${cpuModel ?? "unknown processor"}, ` +
    `${cores} cores, ${threads} threads a side, ${date.slice(0, 10)}:`,
    `\`\`\`sh\n${command}\n\`\`\``,
    ...measuresOf(report.rows).map((measure) => tableOf(report, measure)),
  ].join("\n\n");
}

function tableOf(report: PeersReport, measure: Measure): string {
  const comparisons = comparisonsOf(report).filter((one) => one.measure === measure);
  const pairs = PAIRS.filter(([ours, peer]) =>
    comparisons.some((one) => one.ours === ours && one.peer === peer)
  );
  const rows = report.rows.filter((row) => row.measure === measure);
  const sides = MEMORY_SIDES.filter((side) => rows.some((row) => row.side === side));
  const lines = tasksOf(rows).map(({ model, batch }) => [
    model,
    String(batch),
    ...pairs.map(([ours, peer]) => {
      const found = comparisons.find((one) =>
        one.model === model && one.batch === batch && one.ours === ours && one.peer === peer
      );
      if (!found) return none;
      const { value, low, high } = found.ratio;
      return low === null
        ? value.toFixed(2)
        : `${value.toFixed(2)} (${low.toFixed(2)} to ${high!.toFixed(2)})`;
    }),
    costOf(rows, model, batch, sides, ({ peakMiB }) => peakMiB?.toFixed(0) ?? none),
    costOf(rows, model, batch, sides, ({ firstMs }) => (firstMs! / 1000).toFixed(1)),
  ]);
  const titles = pairs.map(([ours, peer]) => `${ours} / ${peer}`);
  const costs = [`peak MiB: ${sides.join(", ")}`, "first, s"];
  const header = ["model", "batch", ...titles, ...costs];
  return `${MEASURE_TITLES[measure]}:\n\n${markdownTable([header, ...lines])}`;
}

const MEMORY_SIDES = ["torch_style", "pytorch", "keras_style", "keras"] as const;

function costOf(
  rows: readonly Row[],
  model: string,
  batch: number,
  sides: readonly SideName[],
  cost: (row: Row) => string,
): string {
  return sides.map((side) => {
    const row = rows.find((row) => row.model === model && row.batch === batch && row.side === side);
    return row && row.error === null ? cost(row) : none;
  }).join(", ");
}

if (import.meta.main) {
  const readme = await Deno.readTextFile(README);
  await Deno.writeTextFile(README, withPeers(readme, await evidence()));
  console.log(fileURLToPath(README));
}
