import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TerminalProgress } from "../../../bench/output/progress.ts";
import { formatBarLine } from "../../../bench/output/progress_line.ts";

const record = {
  epoch: 1,
  seconds: 75,
  loss: 1.5,
  accuracy: 0.5,
  valLoss: 1.25,
  valAccuracy: 0.5625,
};

function display(isTerminal: boolean) {
  let now = 0;
  const written: string[] = [];
  const progress = new TerminalProgress({
    write: (text) => written.push(text),
    isTerminal,
    color: false,
    columns: () => 140,
    now: () => now,
  });
  return { progress, written, pass: (ms: number) => now += ms };
}

Deno.test("not on a terminal: one plain line an epoch", () => {
  const { progress, written, pass } = display(false);
  progress.epochStart(1, 3, 2, 64);
  pass(30);
  progress.step(1);
  pass(30);
  progress.step(2);
  progress.epochEnd(record);
  assertEquals(
    written.join(""),
    "Epoch 1/3 - 1:15 - 30ms/step - loss: 1.5000 - accuracy: 0.5000 - " +
      "val_loss: 1.2500 - val_accuracy: 0.5625\n",
  );
});

Deno.test("on a terminal: a bar that is drawn over, not more often than eyes follow", () => {
  const { progress, written, pass } = display(true);
  progress.epochStart(1, 3, 100, 3200);
  for (let step = 1; step <= 100; step++) {
    pass(1);
    progress.step(step, { loss: 1 });
  }
  progress.epochEnd(record);
  const bars = written.filter((text) => text.startsWith("\r"));
  assert(bars.length >= 3 && bars.length <= 6, `${bars.length} redraws`);
  assertStringIncludes(bars.at(-1)!, "100/100 ━━━━━━━━━━━━━━━━━━━━ 1:15 1ms/step - loss: 1.5000");
  assert(bars.at(-1)!.endsWith("\n"));
});

Deno.test("a bar's line never wraps", () => {
  for (const columns of [10, 30, 60, 120]) {
    const line = formatBarLine({
      step: 7,
      steps: 1250,
      seconds: 12,
      stepSeconds: 0.012,
      metrics: record,
      color: false,
      columns,
    });
    assert(line.length < columns || line.length <= 11, `${line.length} in ${columns}`);
    assertStringIncludes(line, "   7/1250");
  }
});

Deno.test("all trials are in view under the bar: the one that runs, those done, those that wait", () => {
  const { progress, written, pass } = display(true);
  progress.plan(["keras/seed-1", "torch/seed-1", "torch/seed-2"]);
  progress.trialStart("keras/seed-1", 1, 3);
  progress.epochStart(1, 1, 2, 64);
  progress.epochEnd({ ...record, epoch: 1 });
  progress.trialStart("torch/seed-1", 2, 3);
  progress.epochStart(1, 1, 2, 64);
  pass(100);
  progress.step(1, { accuracy: 0.25 });
  assertStringIncludes(
    written.at(-1)!,
    "\n torch/seed-1: epoch 1/1 0.2500 · keras/seed-1: done 0.5625 · torch/seed-2: waiting\x1b[A",
  );
});
