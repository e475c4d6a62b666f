import { assertEquals } from "@std/assert";
import { NO_LINKER_VARIABLES } from "../onnx/runtime/linker_variables.ts";

/**
 * What a test's file prints as JSON in its last line when it is run as a program: a process of its own, with
 * `gc()`, so that its memory is that of nobody else, also where tests run in parallel.
 *
 * @param permissions beside those of the tests, as Deno's flags
 */
export async function inOwnProcess<Found>(
  file: string,
  ...permissions: string[]
): Promise<Found> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "--permission-set=default",
      "--no-check",
      "--v8-flags=--expose-gc",
      ...permissions,
      file,
    ],
    cwd: new URL("..", import.meta.url),
    env: NO_LINKER_VARIABLES,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

/** Memory of this process in MB without what only waits for the garbage collector. */
export async function residentMegabytes(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    (globalThis as unknown as { gc(): void }).gc();
    // Finalizers run between tasks, not always in the first pause on a busy machine; what they let go of is collected then.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Deno.memoryUsage().rss / 1e6;
}
