/** `bench scaling`. @module */
import { join } from "node:path";
import { type OutputFile, OutputFolder } from "../../output/folder.ts";
import { readEnvironment } from "../../results/environment.ts";
import { childCommand, isDenoWarning } from "../../runner/processes/child.ts";
import { interruptedExitCode, Interruption } from "../../runner/interruption.ts";
import {
  pointsOf,
  SCALING_STYLES,
  type ScalingPoint,
  type ScalingStyle,
} from "../../scaling/points.ts";
import { scalingChart, scalingMarkdown } from "../../scaling/present.ts";
import type { ScalingReport, ScalingRow } from "../../scaling/report.ts";
import { type Command, exitCodes } from "../command.ts";
import type { ParsedArguments } from "../parse.ts";

/** Measures what the growth of a network costs. */
export const scalingCommand: Command = {
  name: "scaling",
  summary:
    "measures step time and memory against batch, image, depth and width of a network, and workers",
  flags: ["axes", "max-steps", "out"],
  switches: ["json", "quiet"],
  examples: [
    [
      "scaling",
      "all sizes in both idioms, some minutes; a point takes three seconds of steps",
    ],
    ["scaling --axes depth,width --max-steps 5", "only these, in a hurry"],
  ],
  run: scaling,
};

const FILES = ["scaling.json", "scaling.md"];
const CHARTS = { stepMs: "step-time", peakMiB: "peak-memory", compileMs: "compile-time" } as const;
const THEMES = ["light", "dark"] as const;

function chartFiles(): string[] {
  return Object.values(CHARTS).flatMap((name) => THEMES.map((theme) => `${name}-${theme}.svg`));
}

async function scaling(args: ParsedArguments): Promise<number> {
  const out = args.value("out");
  const note = args.has("quiet") ? () => {} : (line: string) => console.error(line);
  await using folder = await OutputFolder.open(out, [...FILES, ...chartFiles()]);
  const children = new Set<Deno.ChildProcess>();
  const end = () => children.forEach((child) => child.kill("SIGKILL"));
  using interruption = new Interruption({ onFirst: end, onSecond: end });
  const environment = await readEnvironment();
  const rows: ScalingRow[] = [];
  for (const axis of args.value("axes")) {
    for (const point of pointsOf(axis)) {
      for (const style of SCALING_STYLES) {
        const outcome = await measured(style, point, args.value("max-steps"), children);
        if (interruption.signal.aborted) return interruptedExitCode;
        rows.push({ axis, style, point, ...outcome });
        const { figures, error } = outcome;
        note(`${axis} ${point[axis]}, ${style}: ${error ?? `${figures!.stepMs.toFixed(1)} ms`}`);
      }
    }
  }
  const command = ["deno task bench scaling", ...Deno.args.slice(1)].join(" ");
  const report = { schemaVersion: 1, experiment: "scaling", command, environment, rows } as const;
  await folder.write(await filesOf(report));
  console.log(args.has("json") ? JSON.stringify(report) : scalingMarkdown(report));
  note(join(out, "scaling.md"));
  return rows.every(({ error }) => error === null) ? exitCodes.done : exitCodes.failed;
}

async function filesOf(report: ScalingReport): Promise<OutputFile[]> {
  const files: OutputFile[] = [
    { path: "scaling.json", content: JSON.stringify(report, null, 1) + "\n" },
    { path: "scaling.md", content: scalingMarkdown(report) },
  ];
  for (const [figure, name] of Object.entries(CHARTS)) {
    for (const theme of THEMES) {
      const content = await scalingChart(report.rows, figure as keyof typeof CHARTS, theme);
      if (content !== null) files.push({ path: `${name}-${theme}.svg`, content });
    }
  }
  return files;
}

/** A point that does not fit into memory is a row that says so. */
async function measured(
  style: ScalingStyle,
  point: ScalingPoint,
  steps: number,
  children: Set<Deno.ChildProcess>,
): Promise<Pick<ScalingRow, "figures" | "error">> {
  const script = new URL("../../scaling/point_process.ts", import.meta.url);
  const child = childCommand(script, {
    args: [style, JSON.stringify(point), String(steps)],
    usesNativeCode: true,
  })
    .spawn();
  children.add(child);
  await child.stdin.close();
  const { success, signal, code, stdout, stderr } = await child.output();
  children.delete(child);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim().split("\n");
  if (success) return { figures: JSON.parse(text(stdout).at(-1)!), error: null };
  const last = text(stderr).filter((line) => !isDenoWarning(line)).at(-1);
  return { figures: null, error: `ended by ${signal ?? `exit code ${code}`}: ${last}` };
}
