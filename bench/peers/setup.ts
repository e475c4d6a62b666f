/**
 * `deno task setup:peers`: a virtual environment with PyTorch, Keras and TensorFlow from PyPI, for `deno task bench:peers`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { PEERS_PYTHON } from "./options.ts";

const HELP = `deno task setup:peers

Makes a virtual environment in .tandem/peers with the packages of bench/peers/python/requirements.txt from PyPI, versions
pinned, and tries them. Needs python3 (3.11 to 3.13) with venv, and several GiB of disk. Repeatable.`;

const requirements = fileURLToPath(new URL("./python/requirements.txt", import.meta.url));
const folder = fileURLToPath(new URL("../../.tandem/peers", import.meta.url));

/** Imports what the sides import. */
const TRIAL = "import os; os.environ['KERAS_BACKEND'] = 'tensorflow'; " +
  "import torch, keras, safetensors; print('PyTorch', torch.__version__, 'Keras', keras.__version__)";

/** What is run, in order. */
export const SETUP_STEPS: readonly (readonly [program: string, ...args: string[]])[] = [
  ["python3", "-m", "venv", folder],
  [PEERS_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements],
  [PEERS_PYTHON, "-c", TRIAL],
];

/** Runs a command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { help, _: rest } = parseArgs([...args], { boolean: ["help"] });
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (args.length > 0) {
    console.error(`setup:peers: ${rest[0] ?? args[0]} is unknown, expected --help or nothing`);
    return 2;
  }
  for (const [program, ...args] of SETUP_STEPS) {
    const failed = await failureOf(program, args);
    if (failed === null) continue;
    console.error(`setup:peers: ${failed}`);
    return 1;
  }
  console.log(`${PEERS_PYTHON} is ready: deno task bench:peers`);
  return 0;
}

async function failureOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const child = new Deno.Command(program, {
      args: [...args],
      stdout: "inherit",
      stderr: "inherit",
    });
    const { code } = await child.spawn().status;
    return code === 0 ? null : `"${program} ${args.join(" ")}" ended with exit code ${code}`;
  } catch (error) {
    return `"${program}" cannot be run: ${(error as Error).message}`;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
