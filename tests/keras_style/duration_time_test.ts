import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { DurationTime } from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";

/** A clock that the test moves, and what was printed by it. */
function stopwatch() {
  const lines: string[] = [];
  const watch = { now: 0, lines };
  const options = { log: (line: string) => void lines.push(line), clock: () => watch.now };
  return { watch, lines, options };
}

Deno.test("a block's time is printed when it is left", () => {
  const { watch, lines, options } = stopwatch();
  {
    using time = new DurationTime("training", options);
    watch.now = 500;
    assertEquals(time.seconds, 0.5);
    watch.now = 1234;
    assertEquals(lines, []);
  }
  assertEquals(lines, ["training: 1.23 s"]);
});

Deno.test("a block that is left by an error is timed too", () => {
  const { watch, lines, options } = stopwatch();
  assertThrows(
    () => {
      using _ = new DurationTime("training", options);
      watch.now = 2000;
      throw new Error("stop");
    },
    Error,
    "stop",
  );
  assertEquals(lines, ["training: 2.00 s"]);
});

Deno.test("inner blocks are indented, and end before the outer ones", () => {
  const { watch, lines, options } = stopwatch();
  {
    using _run = new DurationTime("run", options);
    for (const label of ["load", "train"]) {
      using _step = new DurationTime(label, options);
      using _inner = new DurationTime(`${label} more`, options);
      watch.now += 1000;
    }
  }
  assertEquals(lines, [
    "    load more: 1.00 s",
    "  load: 1.00 s",
    "    train more: 1.00 s",
    "  train: 1.00 s",
    "run: 2.00 s",
  ]);
});

Deno.test("await using measures what is awaited", async () => {
  const { watch, lines, options } = stopwatch();
  {
    await using _ = new DurationTime("epoch", options);
    await Promise.resolve();
    watch.now = 3000;
  }
  assertEquals(lines, ["epoch: 3.00 s"]);
});

Deno.test("await using waits for what the engine was asked for", async () => {
  const x = tf.randomUniform([64, 64]);
  await x.data();
  const runs = () => defaultRuntime().statistics.runs;
  const before = runs();
  let after = before;
  let pending: Promise<unknown> = Promise.resolve();
  {
    await using _ = new DurationTime("product", { log: () => after = runs() });
    pending = tf.matMul(x, x).data();
    assertEquals(runs(), before);
  }
  assertEquals(after, before + 1);
  await pending;
});

Deno.test("a function's time is measured, its result given back, its failure told", async () => {
  const { watch, lines, options } = stopwatch();
  const wait = (ms: number) => void (watch.now += ms);
  assertEquals(DurationTime.measure("sync", () => (wait(1000), 7), options), 7);
  const value = DurationTime.measure("async", async () => {
    await Promise.resolve();
    wait(2000);
    return 8;
  }, options);
  assertEquals(await value, 8);
  assertThrows(() => DurationTime.measure("broken", () => fail(), options), Error, "stop");
  await assertRejects(
    () => DurationTime.measure("rejected", () => Promise.reject(new Error("stop")), options),
    Error,
    "stop",
  );
  assertEquals(lines, [
    "sync: 1.00 s",
    "async: 2.00 s",
    "broken: 0.00 µs (failed)",
    "rejected: 0.00 µs (failed)",
  ]);
});

function fail(): never {
  throw new Error("stop");
}

Deno.test("ended once, it stays ended", () => {
  const { watch, lines, options } = stopwatch();
  const time = new DurationTime("once", options);
  watch.now = 1000;
  time[Symbol.dispose]();
  watch.now = 5000;
  time[Symbol.dispose]();
  assertEquals([time.seconds, lines], [1, ["once: 1.00 s"]]);
});

Deno.test("times are written in the unit that fits", () => {
  const cases: [number, string][] = [
    [0.0004, "0.40 µs"],
    [0.0412, "41.2 µs"],
    [0.9996, "1.00 ms"],
    [12.34, "12.3 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [13_190, "13.19 s"],
    [59_960, "1 min 0 s"],
    [123_400, "2 min 3 s"],
    [3_723_000, "1 h 2 min 3 s"],
  ];
  for (const [ms, text] of cases) {
    const { watch, lines, options } = stopwatch();
    using time = new DurationTime("t", options);
    watch.now = ms;
    time[Symbol.dispose]();
    assertEquals(lines, [`t: ${text}`]);
  }
});

Deno.test("a label that is no text is refused", () => {
  assertThrows(() => new DurationTime(3 as unknown as string), TypeError, "label is 3");
});
