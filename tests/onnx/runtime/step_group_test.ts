import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  fromHost,
  type LazyArray,
  ops,
  RandomStream,
  Runtime,
} from "../../../onnx/mod.ts";

const SIZE = 3000;

function filled(value: number): LazyArray {
  return fromHost(new Float32Array(SIZE).fill(value), [SIZE]);
}

/** Momentum on noise: reads what the last step wrote, a value of its own a step, and one that is the same in all. */
class Training {
  weight = filled(1);
  velocity = filled(0);
  readonly decay = filled(0.9);
  readonly stream = new RandomStream(5);

  constructor(readonly runtime: Runtime) {}

  step(rate: number): { loss: LazyArray; done: Promise<void> } {
    const noise = ops.uniform(this.stream.nextKeyArray(), [SIZE]);
    const difference = ops.sub(ops.exp(this.weight), noise);
    this.velocity = ops.add(ops.mul(this.velocity, this.decay), difference);
    const change = ops.mul(this.velocity, fromHost(Float32Array.of(rate), []));
    this.weight = ops.sub(this.weight, change);
    const loss = ops.mean(ops.mul(difference, difference));
    return { loss, done: this.runtime.evaluate([this.weight, this.velocity, loss]) };
  }
}

async function train(counts: readonly number[]) {
  const runtime = new Runtime();
  const training = new Training(runtime);
  const losses: LazyArray[] = [];
  let rate = 0.01;
  for (const count of counts) {
    await runtime.inOneCall(() =>
      Promise.all(Array.from({ length: count }, () => {
        const { loss, done } = training.step(rate *= 0.9);
        losses.push(loss);
        return done;
      }))
    );
  }
  const values = [training.weight, training.velocity, ...losses].map((a) => [...a.hostData()]);
  return { values, ...runtime.statistics };
}

Deno.test("several steps in one call give the bits of single steps", async () => {
  const single = await train(Array(11).fill(1));
  assertEquals([single.runs, single.compiled], [11, 1]);
  const grouped = await train([4, 4, 3]);
  assertEquals(grouped.values, single.values);
  assertEquals([grouped.runs, grouped.compiled], [3, 1], "one program, however many steps");
});

Deno.test("what does not go on like the steps before is a call of its own", async () => {
  const runtime = new Runtime();
  let x = filled(2);
  const seen: LazyArray[] = [];
  await runtime.inOneCall(() => {
    const done = [];
    for (let step = 0; step < 6; step++) {
      x = step === 3 ? ops.mul(x, constant(0.5)) : ops.log(ops.add(x, constant(1)));
      seen.push(x);
      done.push(runtime.evaluate([x]));
    }
    return Promise.all(done);
  });
  assertEquals([runtime.statistics.runs, runtime.statistics.compiled], [3, 2]);
  let expected = 2;
  for (let step = 0; step < 6; step++) {
    expected = step === 3 ? expected / 2 : Math.log1p(expected);
    if (step !== 2 && step !== 3 && step !== 5) continue;
    const [value] = seen[step].hostData();
    assert(Math.abs(Number(value) - expected) < 1e-6, `step ${step}: ${value}`);
  }
  // Lost: nobody can have it by mistake.
  const error = assertThrows(() => seen[0].hostData(), Error);
  assert(error.message.includes("lay between two of the steps"), error.message);
  assert(seen.every((array) => array.isSettled));
});

Deno.test("a value that is read by a step but the next starts another call", async () => {
  const runtime = new Runtime();
  const first = filled(1);
  let [before, last] = [first, ops.exp(first)];
  await runtime.inOneCall(() => {
    const done = [runtime.evaluate([last])];
    for (let step = 0; step < 4; step++) {
      // Fibonacci: each reads the last two.
      [before, last] = [last, ops.tanh(ops.add(before, last))];
      done.push(runtime.evaluate([last]));
    }
    return Promise.all(done);
  });
  let [a, b] = [1, Math.exp(1)];
  for (let step = 0; step < 4; step++) [a, b] = [b, Math.tanh(a + b)];
  assert(Math.abs(Number(last.hostData()[7]) - b) < 1e-6);
});

Deno.test("steps of a call fail together, and say why", async () => {
  const runtime = new Runtime();
  const table = filled(1);
  const asked: Promise<void>[] = [];
  let x = filled(0);
  runtime.inOneCall(() => {
    for (let step = 0; step < 3; step++) {
      const index = fromHost(new Int32Array(SIZE).fill(step === 2 ? SIZE : 0), [SIZE]);
      const rows = ops.gather(ops.exp(table), ops.cast(index, "int64"));
      x = ops.add(ops.exp(ops.neg(x)), rows);
      asked.push(runtime.evaluate([x]));
    }
  });
  for (const outcome of await Promise.allSettled(asked)) {
    assert(outcome.status === "rejected");
    assertEquals(
      outcome.reason.message,
      "Gather: index 3000 is out of range, expected -3000 to 2999",
    );
  }
});
