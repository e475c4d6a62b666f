/**
 * The figures of earlier reports, a JSON line each, by machine: how much they vary is the noise.
 * @module
 */
import { dirname } from "node:path";
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
  return linesIn(path, text);
}

/** A last line that a killed writer has not finished is none. */
function linesIn(path: string, text: string): HistoryLine[] {
  return text.split("\n").flatMap((line, i, all) => {
    const parsed = parseLine(line);
    if (parsed !== null) return [parsed];
    if (line.trim() === "" || (i === all.length - 1 && isCut(line))) return [];
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

/**
 * Adds a report to a history in one write, while no other process does: of several at once each adds its own. A report that is
 * in it already is not added again.
 *
 * @throws {HistoryError} if the file cannot be written, or a line of it is no JSON of ours
 */
export async function appendToHistory(path: string, report: Report): Promise<void> {
  const line = historyLine(report);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(path, { read: true, write: true, create: true });
    await file.lock(true);
    const text = await new Response(readerOf(file)).text();
    const isThere = linesIn(path, text).some(({ date, machine }) =>
      date === line.date && machine === line.machine
    );
    if (isThere) return;
    const tail = text.slice(text.lastIndexOf("\n") + 1);
    if (isCut(tail)) {
      await file.truncate(
        new TextEncoder().encode(text).length - new TextEncoder().encode(tail).length,
      );
    }
    await file.seek(0, Deno.SeekMode.End);
    const separator = tail === "" || isCut(tail) ? "" : "\n";
    const bytes = new TextEncoder().encode(`${separator}${JSON.stringify(line)}\n`);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    throw new HistoryError(`--history: cannot write "${path}": ${(error as Error).message}`);
  }
}

/** The file's bytes; it stays open, and locked. */
async function* readerOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (let read: number | null = 0; read !== null;) {
    const chunk = new Uint8Array(65_536);
    read = await file.read(chunk);
    if (read !== null) yield chunk.subarray(0, read);
  }
}

/** Whether a last line is one of ours that a killed writer has not finished. */
function isCut(tail: string): boolean {
  const begin = '{"date":';
  const isOurs = tail.startsWith(begin) || begin.startsWith(tail);
  return tail !== "" && isOurs && parseLine(tail) === null;
}
