/**
 * The report against the peers as Markdown.
 * @module
 */
import { markdownTable } from "markdown-table";
import { median } from "simple-statistics";
import { none } from "../output/charts/numbers.ts";
import { isProven, type PeersReport, type Proof, type Ratio, ratioOf, type Row } from "./report.ts";
import { isOurs, type Measure, SIDE_TITLES, type SideName, SIDES } from "./requests.ts";

/** A side of ours held against a peer in one row of the measurement. */
export interface Comparison {
  readonly model: string;
  readonly measure: Measure;
  readonly batch: number;
  readonly ours: SideName;
  readonly peer: SideName;
  readonly ratio: Ratio;
}

/** All comparisons that the report allows. */
export function comparisonsOf(report: PeersReport): Comparison[] {
  const done = report.rows.filter(({ error }) => error === null);
  const peers = done.filter(({ side, model }) => !isOurs(side) && isProven(report, model, side));
  return done.filter(({ side }) => isOurs(side)).flatMap((own) =>
    peers.filter((peer) => isSameTask(own, peer)).flatMap((peer) => {
      const ratio = ratioOf(own, peer);
      const { model, measure, batch } = own;
      return ratio ? [{ model, measure, batch, ours: own.side, peer: peer.side, ratio }] : [];
    })
  );
}

function isSameTask(a: Row, b: Row): boolean {
  return a.model === b.model && a.measure === b.measure && a.batch === b.batch;
}

/** Tasks of a report in the order in which they were measured. */
export function tasksOf(rows: readonly Row[]): Row[] {
  return rows.filter((row, i) => rows.findIndex((other) => isSameTask(row, other)) === i);
}

const sidesOf = (rows: readonly Row[]) =>
  SIDES.filter((side) => rows.some((row) => row.side === side));

/** `1.21 (1.15 to 1.27); 1.20`: by the rounds, with its interval, and by the quickest steps. */
export function ratioText({ value, low, high, quickest }: Ratio): string {
  const interval = low === null ? "" : ` (${low.toFixed(2)} to ${high!.toFixed(2)})`;
  return `${value.toFixed(2)}${interval}; ${quickest.toFixed(2)}`;
}

/** The whole report. */
export function peersMarkdown(report: PeersReport): string {
  return [
    "# Tandem against PyTorch and Keras",
    machineLines(report),
    "## How many times as fast",
    "Above 1, Tandem is faster: the peer's time by Tandem's, round by round; in brackets the 95 % interval over the rounds; " +
    "last by the quickest step of each, which other work on the machine disturbs least.",
    ...ratioTables(report),
    "## Times",
    "Median over the rounds of each round's median, and the quickest step, in milliseconds.",
    ...measuresOf(report.rows).map((measure) => timesTable(report.rows, measure)),
    "## Peak memory and first step",
    "Highest resident memory of the side's process in MiB; seconds from building the network to the end of the first step " +
    "or inference, everything loaded before.",
    ...measuresOf(report.rows).map((measure) => memoryTable(report.rows, measure)),
    "## The same networks",
    "Parameter counts, and the losses of two training steps from the same weights (SGD, momentum 0.9, nothing dropped). Where the " +
    "second ones are more than 1e-3 apart: how far rounding alone takes the peer's, from weights that differ in their last bit.",
    proofTable(report),
    ...failures(report),
  ].join("\n\n") + "\n";
}

function machineLines(
  { environment, threads, load, command, versions, left }: PeersReport,
): string {
  const { cpuModel, cores, memoryGiB, os, date, gitCommit } = environment;
  const loads = load === null ? "unknown" : load.map((value) => value.toFixed(2)).join(" and ");
  return [
    `Made by \`${command}\` on ${date}, commit ${gitCommit ?? "unknown"}.`,
    `- Machine: ${cpuModel ?? "unknown processor"}, ${cores} cores, ${memoryGiB} GiB, ${os}; ` +
    `load before and after: ${loads}.`,
    `- Threads: ${threads} on every side. Sides take turns, round by round; the others idle.`,
    ...SIDES.filter((side) => versions[side]).map((side) =>
      `- \`${side}\`: ${SIDE_TITLES[side]}; ${versions[side]}.`
    ),
    ...left.map(({ side, why }) => `- \`${side}\` was not measured: ${why}.`),
  ].join("\n");
}

/** What was measured. */
export function measuresOf(rows: readonly Row[]): Measure[] {
  return (["step", "inference"] as const).filter((measure) =>
    rows.some((row) => row.measure === measure)
  );
}

function ratioTables(report: PeersReport): string[] {
  const comparisons = comparisonsOf(report);
  return measuresOf(report.rows).flatMap((measure) => {
    const rows = report.rows.filter((row) => row.measure === measure);
    const ours = sidesOf(rows).filter(isOurs);
    const peers = sidesOf(rows).filter((side) => !isOurs(side));
    return ours.filter((own) => rows.some(({ side }) => side === own)).map((own) => {
      const lines = tasksOf(rows).map(({ model, batch }) => [
        model,
        String(batch),
        ...peers.map((peer) => {
          const found = comparisons.find((one) =>
            one.model === model && one.batch === batch && one.measure === measure &&
            one.ours === own && one.peer === peer
          );
          return found ? ratioText(found.ratio) : none;
        }),
      ]);
      const header = ["model", "batch", ...peers];
      return `### ${MEASURE_TITLES[measure]}: ${own}\n\n${markdownTable([header, ...lines])}`;
    });
  });
}

/** What is measured, in words. */
export const MEASURE_TITLES: Readonly<Record<Measure, string>> = {
  step: "Training step",
  inference: "Inference",
};

function table(rows: readonly Row[], measure: Measure, cell: (row: Row) => string): string {
  const own = rows.filter((row) => row.measure === measure);
  const sides = sidesOf(own);
  const lines = tasksOf(own).map((task) => [
    task.model,
    String(task.batch),
    ...sides.map((side) => {
      const row = own.find((row) => row.side === side && isSameTask(row, task));
      return row ? row.error === null ? cell(row) : "failed" : none;
    }),
  ]);
  const header = ["model", "batch", ...sides];
  return `### ${MEASURE_TITLES[measure]}\n\n${markdownTable([header, ...lines])}`;
}

function timesTable(rows: readonly Row[], measure: Measure): string {
  return table(
    rows,
    measure,
    ({ rounds, quickestMs }) => `${median([...rounds]).toFixed(2)}; ${quickestMs!.toFixed(2)}`,
  );
}

function memoryTable(rows: readonly Row[], measure: Measure): string {
  return table(
    rows,
    measure,
    ({ peakMiB, firstMs }) =>
      `${peakMiB === null ? none : peakMiB.toFixed(0)}; ${(firstMs! / 1000).toFixed(2)} s`,
  );
}

function proofTable({ proofs }: PeersReport): string {
  const lines = proofs.map(({ model, ours, peer, parameters, losses, nearby, error }) => [
    model,
    `${ours}, ${peer}`,
    parameters === null ? none : [...new Set(parameters)].join(" and "),
    losses === null ? none : lossesText(losses, nearby),
    error === null ? "yes" : `**no**: ${error}`,
  ]);
  return markdownTable([["model", "sides", "parameters", "losses", "the same"], ...lines]);
}

function lossesText(losses: NonNullable<Proof["losses"]>, nearby: Proof["nearby"]): string {
  const both = losses.map((own) => own.map((loss) => loss.toFixed(5)).join(", ")).join("; ");
  if (!nearby) return both;
  const second = [losses[1], ...nearby].map((each) => each[1]);
  return `${both} (${Math.min(...second).toFixed(5)} to ${Math.max(...second).toFixed(5)})`;
}

function failures({ rows }: PeersReport): string[] {
  const failed = rows.filter(({ error }) => error !== null);
  if (failed.length === 0) return [];
  const lines = failed.map(({ model, measure, batch, side, error }) =>
    `- ${model}, ${measure}, batch ${batch}, \`${side}\`: ${error}`
  );
  return ["## What failed", lines.join("\n")];
}
