/** A trial in a process of its own: whatever becomes of the process is a result. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { killTrials, type TrialWatch } from "../../../bench/runner/processes/launch.ts";
import type { TrialEvent } from "../../../bench/runner/trials/trial.ts";
import { inFolder } from "../../in_folder.ts";
import { data, launch, requestFor } from "./fake_trial.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

async function run(behaviour: string, watch: Partial<TrialWatch> = {}) {
  const events: TrialEvent[] = [];
  const result = await launch(await requestFor(behaviour), data, {
    signal: new AbortController().signal,
    ...watch,
    onEvent: (event) => {
      events.push(event);
      watch.onEvent?.(event);
    },
  });
  return { result, events };
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

Deno.test("the request and the bytes of all images arrive, events and the result come back", async () => {
  const { result, events } = await run("done");
  assertEquals([result.state, result.history.length], ["done", 1]);
  const sums = [data.train, data.validation, data.test]
    .flatMap(({ images, labels }) => [sum(images), sum(labels)]);
  assertEquals(JSON.parse(result.notes[0]), sums);
  assertEquals(events.map(({ type }) => type), ["epochStart", "step", "epochEnd"]);
});

Deno.test("a process that ends without a result is a failed trial with the epochs so far and a reason", async () => {
  const reasons = {
    throws: "ended with exit code 1 and without a result",
    silent: "ended with exit code 0 and without a result",
    nonsense: "printed no event: hello",
  };
  for (const [behaviour, reason] of Object.entries(reasons)) {
    const { result } = await run(behaviour);
    assertEquals([result.state, result.history.length], ["failed", 1], behaviour);
    assertStringIncludes(result.error!, reason);
    assertEquals(result.error!.split("\n").length, 1);
  }
});

Deno.test("what a model prints is a note, and does not disturb the events", async () => {
  const { result, events } = await run("prints");
  assertEquals(result.state, "done");
  const notes = events.flatMap((event) => event.type === "note" ? [event.text] : []);
  assertEquals(notes, ["a line of the user's model"]);
});

Deno.test("Ctrl-C: the process is told to stop and gives the result so far", async () => {
  const controller = new AbortController();
  const { result } = await run("slow", {
    signal: controller.signal,
    onEvent: ({ type }) => type === "note" && controller.abort(),
  });
  assertEquals([result.state, result.notes, result.error], ["stopped", ["stop"], null]);
});

/** Windows has no signals. */
const onUnix = { ignore: Deno.build.os === "windows" };

Deno.test({
  name: "a second Ctrl-C, or a kill from outside: SIGKILL ends the process and is named",
  ...onUnix,
  fn: async () => {
    const { result } = await run("slow", {
      onEvent: ({ type }) => type === "note" && killTrials(),
    });
    assertEquals([result.state, result.history.length], ["failed", 1]);
    assertStringIncludes(
      result.error!,
      "was ended by SIGKILL (out of memory, or killed from outside)",
    );
  },
});

Deno.test({
  name: "a process that needs more memory than it may have is a failed trial",
  ...onUnix,
  fn: async () => {
    Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=60");
    try {
      const { result } = await run("memory");
      assertEquals(result.state, "failed");
      assert(
        /^the trial's process (was ended by SIG|ended with)/.test(result.error!),
        result.error!,
      );
      assertEquals(result.error!.split("\n").length, 1);
    } finally {
      Deno.env.delete("DENO_V8_FLAGS");
    }
  },
});

Deno.test({
  name: "the bench is killed: the process of its trial ends by itself",
  ...onUnix,
  fn: () =>
    inFolder(async (folder) => {
      const parent = parentOf("slow", folder).spawn();
      await untilNote(parent.stdout);
      using file = await Deno.open(`${folder}/lock`, { write: true });
      assertEquals(await file.tryLock(true), false, "the trial runs");
      parent.kill("SIGKILL");
      await parent.status;
      await file.lock(true); // Granted when the process that holds it has ended.
    }),
});

/** A launcher with one trial, in a process of its own. */
function parentOf(behaviour: string, stateFolder: string): Deno.Command {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const args = [
    ...["run", "--quiet", "--no-check", "--config", `${root}deno.json`],
    ...["--permission-set=bench", `${root}tests/bench/runner/launching_parent.ts`, behaviour],
    stateFolder,
  ];
  return new Deno.Command("deno", {
    args,
    env: NO_LINKER_VARIABLES,
    stdout: "piped",
    stderr: "inherit",
  });
}

/** Reads until the trial tells something, and leaves the rest. */
async function untilNote(stream: ReadableStream<Uint8Array>): Promise<void> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream()).values()) {
    if ((text += part).includes("note")) return;
  }
}
