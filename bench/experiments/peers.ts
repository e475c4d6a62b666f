/**
 * `deno task bench:peers`: training step and inference of every model of the bench against PyTorch and Keras.
 *
 * Its permission set lets it start any program: `--python` names one, whose path no list knows.
 * @module
 */
import { join } from "node:path";
import { exitCodes } from "../cli/command.ts";
import { UsageError } from "../cli/usage_error.ts";
import { modelNames } from "../models/mod.ts";
import { OutputError, type OutputFile, OutputFolder } from "../output/folder.ts";
import { ratioChart } from "../peers/chart.ts";
import { measureTask, proveModel } from "../peers/measure.ts";
import { chosen, HELP, parsePeersOptions, type PeersOptions } from "../peers/options.ts";
import type { PeersReport, Proof, Row } from "../peers/report.ts";
import { isOurs, type Measure, PEER_IMAGES, type SideName, SIDES } from "../peers/requests.ts";
import { comparisonsOf, peersMarkdown } from "../peers/tables.ts";
import { endSides, SideProcess } from "../peers/side_process.ts";
import { readEnvironment } from "../results/environment.ts";
import { interruptedExitCode, Interruption } from "../runner/interruption.ts";

const FILES = ["peers.json", "peers.md", "ratios-light.svg", "ratios-dark.svg"];

/** Sides that can be measured here, and why the others cannot. */
async function presentSides(
  options: PeersOptions,
): Promise<{ present: SideName[]; left: PeersReport["left"] }> {
  const { sides, python } = options;
  const left: { side: SideName; why: string }[] = [];
  const needsPython = (sides ?? SIDES).some((side) => !isOurs(side));
  const version = needsPython ? await pythonError(python) : null;
  if (version !== null) throw new UsageError(version);
  for (const side of sides ?? SIDES) {
    const why = await missing(side, options);
    if (why === null) continue;
    if (sides) throw new UsageError(`--sides: ${side} cannot be measured: ${why}`);
    left.push({ side, why });
  }
  const present = (sides ?? SIDES).filter((side) => !left.some((one) => one.side === side));
  return { present, left };
}

async function missing(side: SideName, options: PeersOptions): Promise<string | null> {
  if (side === "keras_style_tfjs_node") return await failureOf(side, options);
  if (side === "pytorch_compile" && !await hasCompiler()) return "there is no C++ compiler";
  return null;
}

/** Why a side cannot do the smallest thing; null where it can. */
async function failureOf(side: SideName, options: PeersOptions): Promise<string | null> {
  await using process = SideProcess.start(side, options);
  const smallest = { model: "mlp", batch: 1, ...PEER_IMAGES } as const;
  return await process.ask({ do: "prepare", measure: "inference", ...smallest })
    .then(() => null, ({ message }: Error) => message);
}

async function hasCompiler(): Promise<boolean> {
  return await outputOf("g++", ["--version"]) !== null;
}

/** What is wrong with a Python; null where it has the peers. */
async function pythonError(python: string): Promise<string | null> {
  const names = "torch, keras, tensorflow, safetensors";
  const found = await outputOf(python, [
    "-c",
    `import importlib.util as u; print(*[n for n in "${names}".split(", ") if not u.find_spec(n)])`,
  ]);
  const how = "deno task setup:peers makes one, --python names another";
  if (found === null) return `--python: "${python}" cannot be run; ${how}`;
  return found === "" ? null : `--python: "${python}" lacks ${found.replaceAll(" ", ", ")}; ${how}`;
}

async function outputOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args: [...args] }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}

/** The models that are asked for. @throws {UsageError} for an unknown one */
async function modelsOf({ models }: PeersOptions): Promise<string[]> {
  const known = await modelNames();
  if (models === null) return known;
  chosen("models", models, known);
  return [...models];
}

function tasksOf({ measures, batch, infer }: PeersOptions): { measure: Measure; batch: number }[] {
  return measures.flatMap((measure) =>
    (measure === "step" ? batch : infer).map((batch) => ({ measure, batch }))
  );
}

/** Measures, and tells after every task what there is so far. */
async function measureAll(
  options: PeersOptions,
  base: Omit<PeersReport, "proofs" | "rows" | "load" | "versions">,
  sides: readonly SideName[],
  signal: AbortSignal,
  save: (report: PeersReport) => Promise<void>,
): Promise<PeersReport> {
  const note = (line: string) => console.error(line);
  const versions: Partial<Record<SideName, string>> = {};
  const onVersion = (side: SideName, version: string) => void (versions[side] = version);
  const measuring = { ...options, note, onVersion };
  const proofs: Proof[] = [];
  const rows: Row[] = [];
  const [before] = Deno.loadavg();
  const report = () => ({
    ...base,
    versions,
    load: Deno.build.os === "windows" ? null : [before, Deno.loadavg()[0]] as const,
    proofs: [...proofs],
    rows: [...rows],
  });
  const folder = await Deno.makeTempDir();
  try {
    for (const model of await modelsOf(options)) {
      note(`${model}: are the networks the same?`);
      const proven = await proveModel(sides, { model, ...PEER_IMAGES }, folder, measuring);
      if (signal.aborted) break;
      proofs.push(...proven);
      for (const { measure, batch } of tasksOf(options)) {
        note(`${model}, ${measure}, batch ${batch}`);
        const task = { model, batch, ...PEER_IMAGES };
        const measured = await measureTask(sides, task, measure, measuring);
        // What was under way when its sides were ended is no result.
        if (signal.aborted) break;
        rows.push(...measured);
        await save(report());
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return report();
}

async function filesOf(report: PeersReport): Promise<OutputFile[]> {
  const files: OutputFile[] = [
    { path: "peers.json", content: JSON.stringify(report, null, 1) + "\n" },
    { path: "peers.md", content: peersMarkdown(report) },
  ];
  for (const theme of ["light", "dark"] as const) {
    const content = await ratioChart(comparisonsOf(report), theme);
    if (content !== null) files.push({ path: `ratios-${theme}.svg`, content });
  }
  return files;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parsePeersOptions(args);
  if (options.help) {
    console.log(HELP);
    return exitCodes.done;
  }
  await modelsOf(options);
  const { present, left } = await presentSides(options);
  await using folder = await OutputFolder.open(options.out, FILES);
  const base = {
    schemaVersion: 1 as const,
    experiment: "peers" as const,
    command: ["deno task bench:peers", ...args].join(" "),
    environment: await readEnvironment(),
    threads: options.threads,
    left,
  };
  using interruption = new Interruption({ onFirst: endSides, onSecond: endSides });
  const { signal } = interruption;
  const report = await measureAll(
    options,
    base,
    present,
    signal,
    async (report) => await folder.write(await filesOf(report)),
  );
  await folder.write(await filesOf(report));
  console.log(peersMarkdown(report));
  console.error(join(options.out, "peers.md"));
  if (signal.aborted) return interruptedExitCode;
  const failed = report.rows.some(({ error }) => error) || report.proofs.some(({ error }) => error);
  return failed ? exitCodes.failed : exitCodes.done;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    const isUsage = [UsageError, OutputError].some((kind) => error instanceof kind);
    if (!isUsage) throw error;
    console.error((error as Error).message);
    Deno.exitCode = exitCodes.usage;
  }
}
