/**
 * A side in a process of its own: it lives through all rounds, and idles while the others are asked.
 * @module
 */
import { availableParallelism, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { childCommand, isDenoWarning, linesOf } from "../runner/processes/child.ts";
import { type Answers, isOurs, type Request, type SideName } from "./requests.ts";
import { NO_LINKER_VARIABLES } from "../../onnx/runtime/linker_variables.ts";

/** A side did not do what it was asked; the message is the row's reason. */
export class SideError extends Error {
  override name = "SideError";
}

/** How sides are started. */
export interface SideOptions {
  /** The Python that has the peers' packages. */
  readonly python: string;
  readonly threads: number;
  /** How long an answer may take, in seconds. */
  readonly timeLimit: number;
}

const peer = fileURLToPath(new URL("./python/peer.py", import.meta.url));

/** Less free memory than this, in MiB, and the side under way is ended: the machine may have other users. */
const LEAST_FREE_MIB = 768;

function commandOf(side: SideName, { python, threads }: SideOptions): Deno.Command {
  if (isOurs(side)) {
    const script = new URL("./our_side.ts", import.meta.url);
    // Exported files lie in folders of their own there.
    const args = threads === availableParallelism() ? [side] : [side, String(threads)];
    const usesTensorflow = side === "keras_style_tfjs_node";
    return childCommand(script, { args, write: [tmpdir()], usesNativeCode: true, usesTensorflow });
  }
  return new Deno.Command(python, {
    args: [peer, side, String(threads)],
    // OpenMP's own default is what the machine has.
    env: { ...NO_LINKER_VARIABLES, OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Processes that run now: they end with the bench. */
const running = new Set<Deno.ChildProcess>();

/** Ends all sides at once, as at Ctrl-C. */
export function endSides(): void {
  for (const child of running) kill(child);
}

/** A running side. */
export class SideProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<string>;
  readonly #lastError: Promise<string | null>;
  #ended: string | null = null;

  private constructor(readonly side: SideName, readonly options: SideOptions) {
    this.#child = commandOf(side, options).spawn();
    running.add(this.#child);
    this.#input = this.#child.stdin.getWriter();
    this.#answers = linesOf(this.#child.stdout);
    this.#lastError = lastLineOf(this.#child.stderr);
  }

  /**
   * Starts it.
   *
   * @throws {SideError} if it cannot be started
   */
  static start(side: SideName, options: SideOptions): SideProcess {
    try {
      return new SideProcess(side, options);
    } catch (error) {
      throw new SideError(`cannot start "${options.python}": ${(error as Error).message}`);
    }
  }

  /** @throws {SideError} if it fails, ends, takes too long or takes the machine's memory */
  async ask<R extends Request>(request: R): Promise<Answers[R["do"]]> {
    const stopWatching = this.#watch();
    try {
      await this.#input.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
      const { value, done } = await this.#answers.next();
      if (done) throw new SideError(await this.#end());
      const answer = JSON.parse(value);
      if (answer.error !== undefined) throw new SideError(answer.error);
      return answer;
    } catch (error) {
      throw error instanceof SideError ? error : new SideError(await this.#end());
    } finally {
      stopWatching();
    }
  }

  /** Ends the process when it takes too long or the machine's memory comes to an end. */
  #watch(): () => void {
    const { timeLimit } = this.options;
    const end = (why: string) => {
      this.#ended = why;
      kill(this.#child);
    };
    const timer = setTimeout(() => end(`took more than ${timeLimit} s`), timeLimit * 1000);
    const memory = setInterval(() => {
      if (freeMiB() < LEAST_FREE_MIB) end(`the machine had less than ${LEAST_FREE_MIB} MiB left`);
    }, 250);
    return () => {
      clearTimeout(timer);
      clearInterval(memory);
    };
  }

  async #end(): Promise<string> {
    kill(this.#child);
    const { code, signal } = await this.#child.status;
    const last = await this.#lastError;
    return this.#ended ??
      `ended by ${signal ?? `exit code ${code}`}${last === null ? "" : `: ${last.slice(0, 300)}`}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    kill(this.#child);
    await this.#child.status;
    running.delete(this.#child);
    await this.#answers.return(undefined);
    await this.#lastError;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}

/** Memory that programs can still get. */
function freeMiB(): number {
  return Deno.systemMemoryInfo().available / 2 ** 20;
}

async function lastLineOf(stream: ReadableStream<Uint8Array>): Promise<string | null> {
  let last: string | null = null;
  for await (const line of linesOf(stream)) {
    if (line.trim() !== "" && !isDenoWarning(line)) last = line.trim();
  }
  return last;
}
