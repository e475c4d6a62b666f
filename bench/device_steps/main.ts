/**
 * `deno task bench:device-steps`: the time of a training step on a device by how many steps one call into ONNX Runtime has, against
 * the CPU and against PyTorch on the same GPU. Every measurement is a process of its own.
 *
 * Its permission set lets it start any program: `--python` names one, whose path no list knows.
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { markdownTable } from "markdown-table";
import { childCommand } from "../runner/processes/child.ts";

const HELP = `deno task bench:device-steps [flags]

Trains networks in the PyTorch idiom and prints milliseconds a step, and each side's first losses (the same batch, the same
weights in all of ours).
  --models LIST   networks of the bench (published_cnn,resnet18,vit_tiny)
  --batch N       images a step (128)
  --device NAME   what is measured against the CPU: cuda or webgpu (cuda)
  --calls LIST    steps a call (1,8,32)
  --seconds N     how long each side trains after its first call (4)
  --limit N       how long one side may take in all, in seconds (150)
  --python FILE   a Python with PyTorch, or none (python3)
  --no-cpu        leave the CPU out
  --out FILE      where the figures go as JSON, rewritten after each (device_steps.json)`;

/** What one side measured. */
export interface StepTimes {
  readonly firstCallMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Of the first steps, on one batch. */
  readonly losses: readonly number[];
}

/** One line of the table. */
interface Row {
  readonly model: string;
  readonly side: string;
  readonly stepsPerCall: number | null;
  readonly times: StepTimes | null;
  readonly error: string | null;
}

interface Side {
  readonly name: string;
  readonly stepsPerCall: number | null;
  readonly command: Deno.Command;
}

function list(text: string): string[] {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new RangeError(`${flag} is "${text}", expected an integer from 1 to 100000`);
}

/** Names of networks, which are folders: `loadModel` would open the engine, and this process only starts others. */
function modelsOf(text: string): string[] {
  const folders = [...Deno.readDirSync(new URL("../models/", import.meta.url))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const models = list(text);
  const unknown = models.find((name) => !folders.includes(name));
  if (unknown === undefined) return models;
  throw new RangeError(`--models: "${unknown}" is unknown, expected some of ${folders.join(", ")}`);
}

function deviceOf(name: string): string {
  if (name === "cuda" || name === "webgpu") return name;
  throw new RangeError(`--device is "${name}", expected cuda or webgpu`);
}

function optionsOf(args: readonly string[]) {
  const parsed = parseArgs([...args], {
    string: ["models", "batch", "device", "calls", "seconds", "limit", "python", "out"],
    boolean: ["help", "cpu"],
    negatable: ["cpu"],
    default: { cpu: true },
    unknown: (argument) => {
      throw new RangeError(`${argument} is unknown, expected the flags of --help`);
    },
  });
  return {
    help: parsed.help,
    cpu: parsed.cpu,
    models: modelsOf(parsed.models ?? "published_cnn,resnet18,vit_tiny"),
    batch: count("--batch", parsed.batch ?? "128"),
    device: deviceOf(parsed.device ?? "cuda"),
    calls: list(parsed.calls ?? "1,8,32").map((text) => count("--calls", text)),
    seconds: count("--seconds", parsed.seconds ?? "4"),
    limit: count("--limit", parsed.limit ?? "150"),
    python: parsed.python ?? "python3",
    out: parsed.out ?? "device_steps.json",
  };
}

type Options = ReturnType<typeof optionsOf>;

/** The options of this process; what is wrong with them is one line, and exit code 2. */
function ownOptions(): Options {
  try {
    return optionsOf(Deno.args);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

function sidesOf(model: string, options: Options): Side[] {
  const { batch, seconds, device, calls, python, cpu } = options;
  const ours = (provider: string, stepsPerCall: number): Side => ({
    name: `Tandem ${provider}`,
    stepsPerCall,
    command: childCommand(new URL("./our_steps.ts", import.meta.url), {
      args: [model, String(batch), provider, String(stepsPerCall), String(seconds)],
      write: [],
    }),
  });
  const script = fileURLToPath(new URL("./torch_steps.py", import.meta.url));
  const torch: Side = {
    name: `PyTorch ${device}`,
    stepsPerCall: null,
    command: new Deno.Command(python, {
      args: [script, model, String(batch), device, String(seconds)],
      env: { PYTHONDONTWRITEBYTECODE: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }),
  };
  return [
    ...(python !== "none" && device === "cuda" ? [torch] : []),
    ...calls.map((stepsPerCall) => ours(device, stepsPerCall)),
    ...(cpu ? [ours("cpu", 1)] : []),
  ];
}

async function measure(model: string, side: Side, limit: number): Promise<Row> {
  const { name, stepsPerCall } = side;
  const row = { model, side: name, stepsPerCall };
  let child: Deno.ChildProcess;
  try {
    child = side.command.spawn();
  } catch (error) {
    return { ...row, times: null, error: (error as Error).message };
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), limit * 1000);
  try {
    await child.stdin.close();
    const { stdout, stderr, success, signal } = await child.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    if (success) {
      return { ...row, times: JSON.parse(text(stdout).split("\n").at(-1)!), error: null };
    }
    const said = text(stderr).split("\n").filter((line) => /error/i.test(line)).at(-1);
    return { ...row, times: null, error: said?.slice(0, 400) ?? `ended by ${signal ?? "itself"}` };
  } finally {
    clearTimeout(timer);
  }
}

function tableOf(rows: readonly Row[]): string {
  const shown = rows.map(({ model, side, stepsPerCall, times, error }) => [
    model,
    side,
    stepsPerCall?.toString() ?? "",
    times ? times.stepMs.toFixed(2) : "",
    times ? String(times.steps) : "",
    times ? (times.firstCallMs / 1000).toFixed(1) : "",
    times ? times.losses.slice(0, 8).map((loss) => loss.toFixed(4)).join(" ") : error!,
  ]);
  const head = ["model", "side", "steps/call", "ms/step", "steps", "first call s", "first losses"];
  return markdownTable([head, ...shown]);
}

if (import.meta.main) {
  const options = ownOptions();
  if (options.help) {
    console.log(HELP);
    Deno.exit(0);
  }
  const rows: Row[] = [];
  for (const model of options.models) {
    for (const side of sidesOf(model, options)) {
      const row = await measure(model, side, options.limit);
      rows.push(row);
      const figure = row.times ? `${row.times.stepMs.toFixed(2)} ms a step` : row.error;
      console.error(`${model} ${row.side} ${row.stepsPerCall ?? ""}: ${figure}`);
      await Deno.writeTextFile(options.out, JSON.stringify({ options, rows }, null, 1));
    }
  }
  console.log(tableOf(rows));
}
