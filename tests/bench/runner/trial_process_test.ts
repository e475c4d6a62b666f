/** The program of a trial: what it reads and writes, and how it ends. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { childCommand } from "../../../bench/runner/processes/child.ts";
import { moduleFolders } from "../../../bench/runner/processes/user_file.ts";
import type { TrialEvent, TrialResult } from "../../../bench/runner/trials/trial.ts";
import { inFolder } from "../../in_folder.ts";
import { trialFor, type TrialOptions } from "./trial_requests.ts";

/** A trial's process with its request and images written. */
async function start(options: TrialOptions) {
  const [request, images] = await trialFor(options);
  const { file } = request.model;
  const temporary = await Deno.makeTempDir();
  const child = childCommand(
    new URL("../../../bench/runner/processes/trial_process.ts", import.meta.url),
    {
      read: file === null ? [] : await moduleFolders(file),
      write: [temporary, ...request.stateFolder === null ? [] : [request.stateFolder]],
      env: { TMPDIR: temporary, TEMP: temporary },
    },
  ).spawn();
  const input = child.stdin.getWriter();
  const encode = (text: string) => new TextEncoder().encode(text);
  const parts = [images.train, images.validation, images.test].flatMap(({ images, labels }) => [
    new Uint8Array(images.buffer, images.byteOffset, images.byteLength),
    new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
  ]);
  child.status.then(() => Deno.remove(temporary, { recursive: true }));
  for (const part of [encode(`${JSON.stringify(request)}\n`), ...parts]) await input.write(part);
  return {
    child,
    request,
    say: (text: string) => input.write(encode(text)),
    hangUp: () => input.close(),
  };
}

/** Every event as it comes. */
async function* eventsOf(child: Deno.ChildProcess): AsyncGenerator<TrialEvent> {
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

async function finish(
  { child, hangUp }: Awaited<ReturnType<typeof start>>,
  onEvent: (event: TrialEvent) => unknown = () => {},
) {
  const events: TrialEvent[] = [];
  const errors = new Response(child.stderr).text();
  for await (const event of eventsOf(child)) {
    events.push(event);
    await onEvent(event);
  }
  const { code } = await child.status;
  await hangUp().catch(() => {});
  const last = events.at(-1);
  const result: TrialResult | null = last?.type === "result" ? last.result : null;
  return { events, code, result, errors: await errors };
}

Deno.test("a trial tells its epochs and steps, and ends with its result; a user's prints go to standard error", () =>
  inFolder(async (folder) => {
    const file = `${folder}/mine.ts`;
    await Deno.writeTextFile(
      file,
      `import { torch } from "${new URL("../../../mod.ts", import.meta.url).href}";
      console.log("hello from the model");
      export class TorchModel extends torch.nn.Module {
        constructor({ inputShape: [c, h, w], classes }) {
          super();
          this.head = new torch.nn.Linear(c * h * w, classes);
        }
        forward(x) { return this.head(x.flatten(1)); }
      }`,
    );
    const process = await start({ file, change: { epochs: 2 } });
    const { events, code, result, errors } = await finish(process);
    assertEquals([code, result?.state, result?.error], [0, "done", null]);
    assertMatch(errors, /hello from the model/);
    const kinds = new Set(events.map(({ type }) => type));
    assertEquals([...kinds], ["epochStart", "step", "epochEnd", "result"]);
    const epochs = events.flatMap((event) => event.type === "epochEnd" ? [event.record] : []);
    assertEquals(epochs, result!.history);
    assertEquals(result!.trial, process.request.trial.id);
  }));

/** A training that goes on until it is stopped. */
const endless = { change: { epochs: 10_000 } };

Deno.test("a trial that is told to stop finishes its step and gives what it has", async () => {
  const process = await start(endless);
  const { code, result } = await finish(process, async (event) => {
    if (event.type === "epochEnd" && event.record.epoch === 3) {
      await process.say('{"type":"stop"}\n');
    }
  });
  assertEquals([code, result?.state, result?.error], [0, "stopped", null]);
  assert(result!.history.length >= 3 && result!.stepMs!.count >= 9);
});

Deno.test("a trial whose bench is gone ends at once, without a result", async () => {
  const process = await start(endless);
  const { code, result } = await finish(process, async (event) => {
    if (event.type === "epochEnd" && event.record.epoch === 2) await process.hangUp();
  });
  assertEquals([code, result], [3, null]);
});

Deno.test("Ctrl-C is the bench's: the trial goes on", async () => {
  const process = await start({ change: { epochs: 3 } });
  const { code, result } = await finish(process, (event) => {
    if (event.type === "epochStart") process.child.kill("SIGINT");
  });
  assertEquals([code, result?.state, result?.history.length], [0, "done", 3]);
});

Deno.test("images that do not come whole: the bench is gone", async () => {
  const process = await start({ more: { data: (await trialFor({ count: 97 }))[0].data } });
  await process.hangUp();
  const { code, result } = await finish(process);
  assertEquals([code, result], [3, null]);
});

Deno.test("a trial has no right to the network or to start programs", () =>
  inFolder(async (folder) => {
    for (
      const code of ['await fetch("http://127.0.0.1:8099")', 'new Deno.Command("ls").outputSync()']
    ) {
      const file = `${folder}/m${code.length}.ts`;
      await Deno.writeTextFile(file, `${code};\nexport class TorchModel {}`);
      const { result } = await finish(await start({ file }));
      assertEquals(result?.state, "failed");
      assertMatch(result!.error!, /m\d+\.ts:1:\d+: Requires (net|run) access/);
    }
  }));
