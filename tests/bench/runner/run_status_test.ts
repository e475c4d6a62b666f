/** What a run tells of itself while it lasts: pace, status file, event files. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { formatDetails } from "../../../bench/output/progress_line.ts";
import { defaultOptions } from "../../../bench/cli/options.ts";
import { OutputError } from "../../../bench/output/folder.ts";
import { TensorBoardDisplay } from "../../../bench/output/tensorboard.ts";
import { processLauncher, resultWithout } from "../../../bench/runner/processes/launch.ts";
import { Pace } from "../../../bench/runner/measuring/pace.ts";
import { isRunStatus, type RunStatus, StatusDisplay } from "../../../bench/runner/run_status.ts";
import { runTrials } from "../../../bench/runner/run.ts";
import { run } from "../bench_process.ts";
import { readEvents } from "../../event_file.ts";
import { inFolder } from "../../in_folder.ts";
import { trialFor } from "./trial_requests.ts";

Deno.test("what is left: the epoch's steps, then whole epochs as long as those before, with their validation", () => {
  let now = 0;
  const pace = new Pace(() => now);
  pace.epochStart(1, 3, 10, 320);
  assertEquals([pace.secondsLeft, pace.imagesPerSecond], [null, null]);
  now = 4000;
  pace.stepEnd(4);
  assertEquals([pace.epochSecondsLeft, pace.secondsLeft, pace.imagesPerSecond], [6, 26, 32]);
  now = 12_000;
  pace.stepEnd(10);
  pace.epochEnd(15);
  pace.epochStart(2, 3, 10, 320);
  now = 14_400;
  pace.stepEnd(2);
  // 8 steps of 1.2 s, 3 s of validation, an epoch of 15 s.
  assertEquals(Math.round(pace.secondsLeft! * 10) / 10, 9.6 + 3 + 15);
});

Deno.test("details stand behind the metrics, as far as they are known", () => {
  assertEquals(
    formatDetails({ learningRate: 0.00123456, imagesPerSecond: 512.4, secondsLeft: 750 }),
    " - rate: 0.00123 - 512 images/s - 12:30 left",
  );
  assertEquals(formatDetails({ imagesPerSecond: 2.34 }), " - 2.3 images/s");
});

const record = { epoch: 1, seconds: 12, loss: 2, accuracy: 0.2, valLoss: 1.9, valAccuracy: 0.3 };

async function finished() {
  const [request] = await trialFor();
  const result = resultWithout(request, { history: [], notes: [], error: null });
  return { ...result, state: "done" as const, testLoss: 1.5, testAccuracy: 0.5 };
}

Deno.test("a status is written at every turn, between them once a second, and is what is read", async () => {
  let now = 0;
  const written: RunStatus[] = [];
  const display = new StatusDisplay({
    write: (status) => written.push(structuredClone(status)),
    now: () => now,
    date: () => new Date(now),
  });
  display.plan(["torch/seed-1", "torch/seed-2"]);
  display.trialStart("torch/seed-1");
  display.epochStart(1, 2, 100, 3200);
  const before = written.length;
  for (let step = 1; step <= 50; step++) {
    now += 100;
    display.step(step, { loss: 2, accuracy: 0.25, learningRate: 0.1 });
  }
  assertEquals(written.length - before, 5);
  display.epochEnd(record);
  const [running, waiting] = written.at(-1)!.trials;
  assertEquals([running.state, running.epoch, running.step], ["running", 1, 50]);
  assertEquals([running.learningRate, running.imagesPerSecond], [0.1, 320]);
  assertEquals([running.metrics.valAccuracy, waiting.state], [0.3, "waiting"]);
  display.trialEnd(await finished());
  assertEquals(written.at(-1)!.trials[0].testAccuracy, 0.5);
  for (const status of written) assert(isRunStatus(JSON.parse(JSON.stringify(status))));
  assert(!isRunStatus({ ...written[0], trials: [{ trial: 3 }] }));
});

Deno.test("while a trial's process trains, its status can be read, and holds metrics alone", async () => {
  const [{ trial, model, recipe, fingerprint }, { train, test }] = await trialFor({
    change: { epochs: 2 },
  });
  const configuration = {
    ...{ name: trial.configuration, axes: trial.axes, model, recipe },
    ...{ title: null, before: null },
  };
  const dataset = {
    ...{ name: "bright", title: "bright", classNames: [..."0123456789"], train, test },
    imageShape: train.imageShape,
  };
  const written: RunStatus[] = [];
  let now = 0;
  await runTrials({
    trials: [trial],
    configurations: [configuration],
    datasets: new Map([["bright", dataset]]),
    options: { ...defaultOptions(), device: "cpu", kerasEngine: "onnxruntime" },
    fingerprints: new Map([[trial.configuration, fingerprint]]),
    peakFlops: null,
    finished: new Map(),
  }, {
    launch: processLauncher(),
    display: new StatusDisplay({
      write: (status) => written.push(JSON.parse(JSON.stringify(status))),
      now: () => now += 1000,
    }),
    signal: new AbortController().signal,
    stateFolder: () => Promise.resolve(null),
    onResult: () => Promise.resolve(),
  });
  for (const status of written) assert(isRunStatus(status), JSON.stringify(status));
  const running = written.map(({ trials: [one] }) => one).filter(({ state, step }) =>
    state === "running" && step! > 0
  );
  assert(running.length > 0);
  const metrics = ["accuracy", "loss", "valAccuracy", "valLoss"];
  for (const status of running) {
    assertEquals(Object.keys(status.metrics).filter((name) => !metrics.includes(name)), []);
    assert(Number.isFinite(status.metrics.loss), JSON.stringify(status));
  }
});

Deno.test("TensorBoard's folders are those of trials; steps count over all epochs", () =>
  inFolder(async (folder) => {
    const display = new TensorBoardDisplay(folder, () => 0);
    display.trialStart("mlp/torch/seed-1");
    display.epochStart(2, 2, 10, 320);
    display.step(10, { loss: 2, accuracy: 0.25, learningRate: 0.1 });
    display.epochEnd(record);
    display.trialEnd(await finished());
    await display.end();
    const own = `${folder}/mlp/torch/seed-1`;
    const [{ name }] = [...Deno.readDirSync(own)];
    assertMatch(name, /^events\.out\.tfevents\./);
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${own}/${name}`));
    const tags = ["train/loss", "train/accuracy", "learning_rate", "validation/accuracy"];
    for (const tag of [...tags, "test/accuracy"]) assert(text.includes(tag), tag);
  }));

Deno.test("TensorBoard: a folder is proven without being made; what could not be written is written when it can", () =>
  inFolder(async (folder) => {
    const events = `${folder}/deep/events`;
    const display = await TensorBoardDisplay.open(events);
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(`${folder}/deep`, "in the way");
    await assertRejects(
      () => TensorBoardDisplay.open(events),
      OutputError,
      `--tensorboard: cannot write into "${events}"`,
    );
    for (const id of ["torch/seed-1", "torch/seed-2"]) {
      display.trialStart(id);
      display.epochStart(1, 1, 1, 32);
      display.epochEnd(record);
      display.trialEnd(await finished());
    }
    await assertRejects(() => display.end(), OutputError, "--tensorboard: cannot write into");
    await Deno.remove(`${folder}/deep`);
    await display.end();
    for (const seed of [1, 2]) {
      const tags = readEvents(`${events}/torch/seed-${seed}`).map(({ tag }) => tag);
      assertEquals(tags.slice(0, 2), ["validation/loss", "validation/accuracy"]);
      assert(tags.includes("test/accuracy"));
    }
  }));

Deno.test("bench status: of a report, of a killed run, of no run", () =>
  inFolder(async (folder) => {
    const out = `${folder}/report`;
    const status = async (...others: string[]) => {
      const { code, stdout, stderr } = await run(["status", ...others, out]);
      return { code, text: stdout + stderr };
    };
    assertMatch((await status()).text, /there is no run in ".*report", and no report/);
    const base = ["--styles", "torch", "--model", "mlp", "--dataset", "shapes10", "--limit", "60"];
    const { code } = await run([...base, "--epochs", "1", "--out", out, "--quiet"]);
    assertEquals(code, 0);
    assertMatch(
      (await status()).text,
      /report: finished\n {2}torch\/seed-1: done - test accuracy 0/,
    );
    assert(!Array.from(Deno.readDirSync(out), ({ name }) => name).includes(".tandem.status.json"));
    const display = new StatusDisplay({
      write: (status) =>
        Deno.writeTextFileSync(`${out}/.tandem.status.json`, JSON.stringify(status)),
    });
    display.plan(["torch/seed-1"]);
    display.trialStart("torch/seed-1");
    display.epochStart(3, 10, 383, 49_000);
    display.step(120, { accuracy: 0.621, learningRate: 0.2 });
    display.epochEnd(record);
    const { code: codeOfSome, text: killed } = await status(`${folder}/none`, `${folder}/no`);
    assertEquals(codeOfSome, 2);
    assertMatch(killed, /no run in ".*none", and no report: .*; there is no run in ".*no", and/);
    assertMatch(killed, /0 of 1 trials done; its process is gone since 20/);
    assertMatch(
      killed,
      /torch\/seed-1: epoch 3\/10, step 120\/383 - loss: 2.0000 .*rate: 0.2 - .* left/,
    );
  }));
