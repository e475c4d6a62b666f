/**
 * `deno task setup:tfjs-node`: puts TensorFlow.js' engine over libtensorflow in place where its own download fails.
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { TFJS_NODE_VERSION } from "./tfjs_node.ts";
import { putInPlace } from "./tfjs_node_setup/put_in_place.ts";
import { SetupError } from "./tfjs_node_setup/setup_error.ts";
import { TENSORFLOW_WHEEL } from "./tfjs_node_setup/tensorflow_wheel.ts";

const HELP =
  `Puts @tensorflow/tfjs-node ${TFJS_NODE_VERSION} in place on Linux x86-64: the npm package, its addon
compiled with g++ (or c++) against the libraries of PyPI's tensorflow-cpu 2.21.0, a self-check.
Needs Python 3 with pip and a C++ compiler; 0.9 GiB of disk. Repeatable.

deno task setup:tfjs-node [options]

  --wheel FILE    take ${TENSORFLOW_WHEEL.name}
                  from there and download nothing of PyPI
  --python NAME   the Python that has pip (python3)
  --help          this text`;

/** What a command line asks for. */
export interface SetupCommand {
  readonly help: boolean;
  readonly wheel: string | undefined;
  readonly python: string;
}

/**
 * Reads a command line.
 *
 * @throws {SetupError} naming what is unknown, empty or too much
 */
export function parseSetupCommand(args: readonly string[]): SetupCommand {
  const parsed = parseArgs([...args], {
    string: ["wheel", "python"],
    boolean: ["help"],
    unknown: (argument) => {
      throw new SetupError(`${argument} is unknown, expected --wheel, --python or --help`);
    },
  });
  const { wheel, python = "python3", help } = parsed;
  if (wheel === "") throw new SetupError("--wheel has no value, expected the path of a wheel");
  if (python === "") throw new SetupError("--python has no value, expected a program's name");
  return { help, wheel, python };
}

/** Runs a command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { help, wheel, python } = parseSetupCommand(args);
    if (help) {
      console.log(HELP);
      return 0;
    }
    const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
    const shown = Deno.stdout.isTerminal();
    await putInPlace({ modules, wheel, python, shown, say: (line) => console.log(line) });
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup:tfjs-node: ${error.message}`);
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
