/**
 * The figures of earlier reports, a JSON line each, by machine: how much they vary is the noise.
 * @module
 */
import type { Environment } from "./environment.ts";
import type { FigureName, Report } from "./report.ts";
import { differentOptions } from "./same_experiment.ts";

/** A history that cannot be read; the message names the file and the line. */
export class HistoryError extends Error {
  override name = "HistoryError";
}

/** A report's means. */
export interface HistoryLine {
  date: string;
  /** See {@linkcode machineOf}. */
  machine: string;
  commit: string | null;
  /** What was measured: options that change it, as JSON. */
  experiment: string;
  /** By configuration, then by figure. */
  figures: Record<string, Partial<Record<FigureName, number>>>;
}

/** What figures of time depend on: processor, its cores, the system. */
export function machineOf({ cpuModel, cores, os }: Environment): string {
  return `${cpuModel ?? "unknown processor"}, ${cores ?? "?"} cores, ${os}`;
}

/** A report as a line. */
export function historyLine(report: Report): HistoryLine {
  const means = report.configurations.map(({ name, figures }) => [
    name,
    Object.fromEntries(
      Object.entries(figures).flatMap(([figure, interval]) =>
        interval ? [[figure, interval.mean]] : []
      ),
    ),
  ]);
  return {
    date: report.environment.date,
    machine: machineOf(report.environment),
    commit: report.environment.gitCommit,
    experiment: differentOptions.key(report),
    figures: Object.fromEntries(means),
  };
}

/** Values of a figure in earlier reports of the same experiment on the same machine. */
export function earlierValues(
  lines: readonly HistoryLine[],
  report: Report,
  configuration: string,
  figure: FigureName,
): number[] {
  const { machine, experiment, date } = historyLine(report);
  return lines
    .filter((line) => line.machine === machine && line.experiment === experiment)
    .filter((line) => line.date !== date)
    .flatMap(({ figures }) => figures[configuration]?.[figure] ?? []);
}

/**
 * Reads a history. A file that is not there is an empty history.
 *
 * @throws {HistoryError} naming the line that is no JSON of ours
 */
export async function readHistory(path: string): Promise<HistoryLine[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new HistoryError(`--history: cannot read "${path}": ${(error as Error).message}`);
  }
  return text.split("\n").filter((line) => line.trim() !== "").map((line, i) => {
    const parsed = parseLine(line);
    if (parsed !== null) return parsed;
    throw new HistoryError(
      `--history: line ${
        i + 1
      } of "${path}" is damaged, expected a JSON object with date, machine, ` +
        "experiment and figures",
    );
  });
}

/** A line of ours; null for any other text. */
function parseLine(line: string): HistoryLine | null {
  try {
    const parsed = JSON.parse(line);
    const texts = [parsed.date, parsed.machine, parsed.experiment];
    const figures = Object.values(parsed.figures).flatMap((one) => Object.values(one as object));
    const isOurs = texts.every((text) => typeof text === "string") &&
      figures.every((figure) => typeof figure === "number");
    return isOurs ? parsed : null;
  } catch {
    // No JSON, or figures that are no object.
    return null;
  }
}

/** The text of a history with one line more; a report that is in it already is not added again. */
export function historyText(lines: readonly HistoryLine[], report: Report): string {
  const line = historyLine(report);
  const others = lines.filter(({ date, machine }) =>
    date !== line.date || machine !== line.machine
  );
  return [...others, line].map((one) => JSON.stringify(one) + "\n").join("");
}
