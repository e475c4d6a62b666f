/**
 * Reports of parity as they were at first: without statuses, histograms, graphs and initialization.
 * @module
 */
import { type LayerRow, type ParityReport, parityVersion } from "./report.ts";

type New = "status" | "histogram";
type LayerRowV1 = Omit<LayerRow, New> & Partial<Pick<LayerRow, New>>;

/** A report of either version, as {@linkcode upgradedParity} takes it. */
export type AnyParityReport =
  & Omit<ParityReport, "parityVersion" | "layers" | "firstDifferent" | "initialization" | "graphs">
  & {
    readonly parityVersion: number;
    readonly layers: readonly LayerRowV1[];
    readonly firstDifferent: LayerRowV1 | null;
    readonly initialization?: ParityReport["initialization"];
    readonly graphs?: ParityReport["graphs"];
  };

/** The same report as this version has it. */
export function upgradedParity(report: AnyParityReport): ParityReport {
  return {
    ...report,
    parityVersion,
    layers: report.layers.map(upgradedRow),
    firstDifferent: report.firstDifferent && upgradedRow(report.firstDifferent),
    initialization: report.initialization ?? [],
    graphs: report.graphs ?? null,
  };
}

function upgradedRow(row: LayerRowV1): LayerRow {
  return { status: row.agrees ? "agrees" : "differs", histogram: null, ...row };
}
