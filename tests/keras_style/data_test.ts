import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { activeBackend } from "../../keras_style/engine/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";
import { assertNoMoreTensors, assertNotGrowing } from "./tensor_count.ts";

const { Dataset } = keras.data;
const x = { data: Float32Array.from({ length: 14 }, (_, i) => i), shape: [7, 2] };
const y = { data: Uint8Array.from({ length: 7 }, (_, i) => i), shape: [7] };

async function valuesOf(dataset: Iterable<tf.Tensor>): Promise<number[][]> {
  const result: number[][] = [];
  for (const tensor of dataset) result.push([...await tensor.data()]);
  return result;
}

Deno.test("slices come one by one, in batches, and cost no call into ONNX Runtime", async () => {
  const { runs } = defaultRuntime().statistics;
  const slices = Dataset.fromTensorSlices([x, y]);
  const [[first, label]] = slices;
  assertEquals([first.shape, label.shape, label.dtype], [[2], [], "int32"]);
  const shapes: number[][][] = [];
  for await (const [images, labels] of slices.batch(3)) {
    shapes.push([images.shape, labels.shape]);
    const values = await images.data();
    assertEquals(
      [...await labels.data()].map((i) => i * 2),
      [...values].filter((_, i) => i % 2 === 0),
    );
  }
  assertEquals(shapes, [[[3, 2], [3]], [[3, 2], [3]], [[1, 2], [1]]]);
  assertEquals(slices.batch(3).cardinality(), 3);
  assertEquals(slices.batch(3, { dropRemainder: true }).cardinality(), 2);
  assertEquals([...slices.batch(3, { dropRemainder: true })].length, 2);
  assertEquals(defaultRuntime().statistics.runs, runs);
});

Deno.test("bytes are divided as they are copied", async () => {
  const images = { data: Uint8Array.of(0, 51, 255), shape: [3], divideBy: 255 };
  const [batch] = Dataset.fromTensorSlices(images).batch(3);
  assertEquals([...await batch.data()], [0, Math.fround(0.2), 1]);
});

Deno.test("a batch lies in the memory of one that was disposed, never in that of one that is kept", async () => {
  const count = 64;
  const rows = {
    data: Float32Array.from({ length: count * 512 }, (_, i) => i),
    shape: [count, 512],
  };
  const kept: tf.Tensor[] = [];
  const addresses = new Set<ArrayBufferLike>();
  let i = 0;
  for (const [batch] of Dataset.fromTensorSlices([rows]).batch(4)) {
    addresses.add(activeBackend()!.array(batch).buffer.data.buffer);
    assertEquals((await batch.data())[0], i * 4 * 512);
    if (i++ % 4 === 0) kept.push(batch);
    else batch.dispose();
  }
  assertEquals(addresses.size, kept.length + 1);
  for (const [k, batch] of kept.entries()) {
    assertEquals(await batch.data(), rows.data.slice(k * 16 * 512, (k * 16 + 4) * 512));
  }
  tf.dispose(kept);
});

Deno.test("shuffle keeps every element, orders anew each pass, and repeats for a seed", async () => {
  keras.setRandomSeed(1);
  const values = { data: Int32Array.from({ length: 50 }, (_, i) => i), shape: [50] };
  const slices = Dataset.fromTensorSlices(values);
  const pass = async (dataset: Iterable<tf.Tensor>) => (await valuesOf(dataset)).flat();
  const shuffled = slices.shuffle(50);
  const [first, second] = [await pass(shuffled), await pass(shuffled)];
  assertNotEquals(first, second);
  const inOrder = (list: number[]) => list.toSorted((a, b) => a - b);
  assertEquals(inOrder(first), [...values.data]);
  assertEquals(inOrder(second), [...values.data]);
  keras.setRandomSeed(1);
  assertEquals(await pass(slices.shuffle(50)), first);
  const fixed = slices.shuffle(50, { seed: 3, reshuffleEachIteration: false });
  assertEquals(await pass(fixed), await pass(fixed));
  assertEquals(await pass(slices.shuffle(50, { seed: 3 })), await pass(fixed));
  // An element cannot come earlier than the buffer lets it in.
  const near = await pass(slices.shuffle(5));
  near.forEach((value, place) => assertEquals(value <= place + 4, true));
});

Deno.test("take, repeat, map and batches of mapped elements", async () => {
  const slices = Dataset.fromTensorSlices(y);
  assertEquals((await valuesOf(slices.take(2).repeat(2))).flat(), [0, 1, 0, 1]);
  assertEquals(slices.repeat().cardinality(), Infinity);
  assertEquals(slices.repeat(3).take(5).cardinality(), 5);
  const squares = slices.map((label) => tf.square(label)).batch(4).prefetch(1);
  assertEquals(await valuesOf(squares), [[0, 1, 4, 9], [16, 25, 36]]);
});

Deno.test("bad counts and unequal arrays are refused", () => {
  const slices = Dataset.fromTensorSlices(y);
  assertThrows(
    () => slices.skip(-1),
    RangeError,
    "count is -1, expected an integer of at least 0",
  );
  assertThrows(() => Dataset.zip([]), TypeError, "Dataset.zip: datasets is , expected a list");
  assertThrows(
    () => slices.batch(0),
    RangeError,
    "Dataset.batch: batchSize is 0, expected an integer of at least 1",
  );
  assertThrows(() => slices.shuffle(1.5), RangeError, "shuffle: bufferSize is 1.5");
  assertThrows(
    () => Dataset.fromTensorSlices([x, { data: new Uint8Array(3), shape: [3] }]),
    RangeError,
    "the arrays have [7,3] rows, expected equally many and at least 1",
  );
  assertThrows(
    () => Dataset.fromTensorSlices({ data: new Float32Array(5), shape: [2, 3] }),
    RangeError,
    "array 0 has 5 values, expected 6 for its shape [2,3]",
  );
});

Deno.test("skip, enumerate, range and zip", async () => {
  const slices = Dataset.fromTensorSlices(y);
  assertEquals(await valuesOf(slices.skip(5)), [[5], [6]]);
  assertEquals(slices.skip(5).cardinality(), 2);
  assertEquals(slices.skip(9).cardinality(), 0);
  assertEquals((await valuesOf(Dataset.range(3))).flat(), [0, 1, 2]);
  const batches: number[][][] = [];
  for (const [index, values] of slices.skip(4).enumerate().batch(2)) {
    batches.push([[...await index.data()], [...await values.data()]]);
  }
  assertEquals(batches, [[[0, 1], [4, 5]], [[2], [6]]]);
  const pairs = Dataset.zip([slices, Dataset.fromTensorSlices([x, y]).skip(1)]);
  assertEquals(pairs.cardinality(), 6);
  const [[first, images, label]] = pairs.batch(2);
  assertEquals([first.shape, images.shape, label.shape], [[2], [2, 2], [2]]);
  assertEquals([...await first.data()], [0, 1]);
  assertEquals([...await images.data()], [2, 3, 4, 5]);
  assertEquals([...await label.data()], [1, 2]);
  assertEquals(Dataset.zip([slices, slices.repeat()]).cardinality(), 7);
});

Deno.test("cache keeps what the first whole pass gave", async () => {
  keras.setRandomSeed(2);
  const noisy = Dataset.range(4).map((i) =>
    tf.add(tf.cast(i, "float32"), keras.random.uniform([]))
  );
  assertNotEquals(await valuesOf(noisy), await valuesOf(noisy));
  const kept = noisy.cache();
  const first = await valuesOf(kept);
  assertEquals(await valuesOf(kept), first);
  assertEquals((await valuesOf(kept.batch(4))).flat(), first.flat());
  // Those who get elements dispose them; the kept ones live on.
  for (const element of kept) element.dispose();
  assertEquals(await valuesOf(kept), first);
});

Deno.test("slices of nested arrays, typed arrays and tensors", async () => {
  const nested = Dataset.fromTensorSlices([[1, 2], [3, 4], [5, 6]]);
  assertEquals(await valuesOf(nested), [[1, 2], [3, 4], [5, 6]]);
  assertEquals(await valuesOf(Dataset.fromTensorSlices(tf.tensor2d([[1, 2], [3, 4]]))), [
    [1, 2],
    [3, 4],
  ]);
  const [[a, b]] = Dataset.fromTensorSlices([tf.tensor1d([7, 8]), {
    data: Int32Array.of(9, 10),
    shape: [2],
  }]);
  assertEquals([[...await a.data()], [...await b.data()]], [[7], [9]]);
  assertThrows(
    () => Dataset.fromTensorSlices([]),
    RangeError,
    "expected equally many and at least 1",
  );
  assertThrows(
    () => Dataset.fromTensorSlices(7 as never),
    TypeError,
    "Dataset.fromTensorSlices: array 0 is 7, expected a tensor",
  );
});

Deno.test("peek leaves random numbers where they are", async () => {
  const values = Dataset.range(20);
  const order = async (dataset: Iterable<tf.Tensor>) => (await valuesOf(dataset)).flat();
  for (const options of [{}, { seed: 3 }, { reshuffleEachIteration: false }]) {
    const passes = async (peeks: number) => {
      keras.setRandomSeed(4);
      const shuffled = values.shuffle(20, options);
      const result: number[][] = [];
      for (let pass = 0; pass < 2; pass++) {
        for (let i = 0; i < peeks; i++) shuffled.peek()!.dispose();
        result.push(await order(shuffled));
      }
      return result;
    };
    assertEquals(await passes(2), await passes(0));
  }
  assertEquals(values.skip(20).peek(), undefined);
});

Deno.test("the arrays behind a data set are known as long as nothing changes them", () => {
  const slices = Dataset.fromTensorSlices([x, y]);
  const known = [slices, slices.shuffle(3).repeat(2).batch(2).prefetch(), slices.cache()];
  for (const dataset of known) assertEquals(dataset.rows?.length, 2);
  assertEquals(Dataset.zip([slices, slices]).rows?.length, 4);
  const unknown = [slices.map((a, b) => [a, b]), slices.take(2), slices.skip(2)];
  for (const dataset of unknown) assertEquals(dataset.rows, undefined);
});

const passing: Record<string, (batches: keras.data.Dataset<tf.Tensor>) => Iterable<unknown>> = {
  skip: (batches) => batches.skip(2),
  "skip after map": (batches) => batches.map((a) => tf.add(a, 1)).skip(2),
  "numbered, then skip": (batches) => batches.enumerate().skip(2),
  "zip of unequal lengths": (batches) => Dataset.zip([batches, batches.take(1)]),
  "batches without remainder": (batches) => batches.map((a) => a).batch(3, { dropRemainder: true }),
  "a shuffled pass broken off": (batches) => batches.shuffle(3).take(1),
  filter: (batches) => batches.filter((a) => a.dataSync()[0] > 1),
  "numbered, then filter": (batches) => batches.enumerate().filter((i) => i.dataSync()[0] > 1),
};

for (const [name, pass] of Object.entries(passing)) {
  Deno.test(`elements that are passed over are freed, those passed on are whole: ${name}`, async () => {
    const before = tf.memory().numTensors;
    let count = 0;
    for (const element of pass(Dataset.range(8).batch(2))) {
      for (const tensor of [element as tf.Tensor | tf.Tensor[]].flat()) {
        assertEquals((await tensor.data()).length, tensor.size);
        tensor.dispose();
      }
      count++;
    }
    assert(count > 0);
    assertNoMoreTensors(before);
  });
}

Deno.test("passes of a cache that are broken off leave at most one behind, and batches are whole", async () => {
  const kept = Dataset.range(8).batch(2).cache();
  const [pair, last] = kept.take(3).batch(2);
  assertEquals([...await pair.data(), ...await last.data()], [0, 1, 2, 3, 4, 5]);
  const counts = [0, 1, 2].map(() => {
    kept.peek()!.dispose();
    return tf.memory().numTensors;
  });
  assertNotGrowing(counts);
  assertEquals((await valuesOf(kept)).flat(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("filter passes on what a function says yes to; fit takes what has no known size", async () => {
  const even = Dataset.fromTensorSlices([x, y]).filter((_, label) => label.dataSync()[0] % 2 === 0);
  assertEquals(even.cardinality(), undefined);
  const [[images, labels]] = even.batch(4);
  assertEquals([...await labels.data()], [0, 2, 4, 6]);
  assertEquals(images.shape, [4, 2]);
  const bad = Dataset.range(2).filter((i) => i as unknown as boolean);
  assertThrows(() => [...bad], TypeError, "Dataset.filter: predicate gave a tensor");
  const model = new keras.Sequential([new keras.layers.Dense({ units: 7, inputShape: [2] })]);
  model.compile({ loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }) });
  const { params, history } = await model.fit(even.batch(3), undefined, { epochs: 2, verbose: 0 });
  assertEquals([params.steps, history.loss.length], [undefined, 2]);
});
