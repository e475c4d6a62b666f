/**
 * Stands in for the process of a trial: takes the request and the images as the real one does, then does what the name of
 * the model says.
 */
import type { TrialEvent, TrialRequest } from "../../../bench/runner/trials/trial.ts";
import { resultWithout } from "../../../bench/runner/processes/launch.ts";

Deno.addSignalListener("SIGINT", () => {});

const reader = Deno.stdin.readable.getReader();
let rest = new Uint8Array();

async function more(): Promise<boolean> {
  const { value, done } = await reader.read();
  if (done) return false;
  const joined = new Uint8Array(rest.length + value.length);
  joined.set(rest);
  joined.set(value, rest.length);
  rest = joined;
  return true;
}

async function take(bytes: number): Promise<Uint8Array> {
  while (rest.length < bytes) if (!await more()) Deno.exit(9);
  const taken = rest.slice(0, bytes);
  rest = rest.slice(bytes);
  return taken;
}

async function line(): Promise<string> {
  while (!rest.includes(10)) if (!await more()) Deno.exit(9);
  return new TextDecoder().decode(await take(rest.indexOf(10) + 1));
}

const send = (event: TrialEvent) => console.log(JSON.stringify(event));

const request: TrialRequest = JSON.parse(await line());
const sums: number[] = [];
for (const split of ["train", "validation", "test"] as const) {
  const { count } = request.data[split];
  const size = request.data.imageShape.reduce((product, n) => product * n, count);
  for (const bytes of [size, count]) {
    sums.push((await take(bytes)).reduce((sum, byte) => sum + byte, 0));
  }
}

const record = { epoch: 1, seconds: 1, loss: 2, accuracy: 0.1, valLoss: 2, valAccuracy: 0.1 };
const result = resultWithout(request, {
  history: [record],
  notes: [JSON.stringify(sums)],
  error: null,
});

send({ type: "epochStart", epoch: 1, epochs: 2, steps: 5 });
send({ type: "step", step: 1, logs: { loss: 2 } });
send({ type: "epochEnd", record });

const behaviours: Record<string, () => Promise<void> | void> = {
  done: () => send({ type: "result", result: { ...result, state: "done" } }),
  slow: async () => {
    const held = request.stateFolder &&
      await Deno.open(`${request.stateFolder}/lock`, { write: true, create: true });
    // Whoever waits for it learns when this process has ended.
    if (held) await held.lock(true);
    send({ type: "note", text: "waiting" });
    const stop = JSON.parse(await line());
    send({ type: "result", result: { ...result, state: "stopped", notes: [stop.type] } });
  },
  throws: () => {
    throw new Error("out of luck");
  },
  prints: () => {
    console.error("a line of the user's model");
    send({ type: "result", result: { ...result, state: "done" } });
  },
  nonsense: () => console.log("hello"),
  silent: () => Deno.exit(0),
  memory: () => {
    const all: number[][] = [];
    for (;;) all.push(Array.from({ length: 100_000 }, Math.random));
  },
};

await behaviours[request.model.name]();
Deno.exit(0);
