/**
 * What README.md shows of the committed reports of `deno task bench:peers`.
 * @module
 */
import { markdownTable } from "markdown-table";
import { none } from "../output/charts/numbers.ts";
import type { PeersReport, Row } from "../peers/report.ts";
import type { Measure, SideName } from "../peers/requests.ts";
import { comparisonsOf, MEASURE_TITLES, measuresOf, tasksOf } from "../peers/tables.ts";

const EVIDENCE = new URL("../evidence/peers/", import.meta.url);

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

/** The paragraphs about the committed reports, in the order of their folders' names. */
export async function peersPart(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(EVIDENCE)) {
    if (isDirectory) names.push(name);
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const text = await Deno.readTextFile(new URL(`${name}/peers.json`, EVIDENCE));
      return partOf(name, JSON.parse(text) as PeersReport);
    }),
  );
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
