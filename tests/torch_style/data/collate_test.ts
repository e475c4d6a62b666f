/** Samples of any structure become batches, in this thread and in workers. */
import { assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { DataLoader, defaultCollate } = torch.data;

interface Captioned {
  image: torch.Tensor;
  label: number;
  caption: string;
  box: [number, number];
  isCrowd: boolean;
  histogram: Float32Array;
}

/** Read by workers too. */
export function captioned(): torch.data.Dataset<Captioned> {
  return {
    length: 3,
    getItem: (i) => ({
      image: torch.full([2], i),
      label: i,
      caption: `image ${i}`,
      box: [i, i + 0.5],
      isCrowd: i === 1,
      histogram: Float32Array.of(i, 0.25),
    }),
  };
}

const expected = {
  image: [[0, 0], [1, 1]],
  label: [0, 1],
  caption: ["image 0", "image 1"],
  box: [[0, 1], [0.5, 1.5]],
  isCrowd: [false, true],
  histogram: [[0, 0.25], [1, 0.25]],
};

async function plain(batch: torch.data.Collated<Captioned>): Promise<unknown> {
  const { image, label, caption, box, isCrowd, histogram } = batch;
  return {
    image: await image.tolist(),
    label: await label.tolist(),
    caption,
    box: [await box[0].tolist(), await box[1].tolist()],
    isCrowd: await isCrowd.tolist(),
    histogram: await histogram.tolist(),
  };
}

Deno.test("samples that are objects: tensors, typed arrays and numbers are stacked, strings listed", async () => {
  const loader = new DataLoader(captioned(), { batchSize: 2 });
  const [first, last] = [...loader];
  assertEquals(await plain(first), expected);
  const { label, box, isCrowd, histogram } = first;
  assertEquals([label, box[1], isCrowd, histogram].map(({ dtype }) => dtype), [
    "int64",
    "float32",
    "bool",
    "float32",
  ]);
  assertEquals(last.caption, ["image 2"]);
});

Deno.test("they cross from workers", async () => {
  const loader = new DataLoader(captioned(), {
    batchSize: 2,
    numWorkers: 1,
    workerSource: { module: import.meta.url, name: "captioned" },
  });
  const batches: unknown[] = [];
  for await (const batch of loader) batches.push(await plain(batch));
  assertEquals(batches.length, 2);
  assertEquals(batches[0], expected);
});

Deno.test("a function of one's own makes what it likes", () => {
  const loader = new DataLoader(captioned(), {
    batchSize: 3,
    collateFn: (samples: readonly Captioned[]) => samples.map(({ caption }) => caption).join(),
  });
  assertEquals([...loader], ["image 0,image 1,image 2"]);
});

Deno.test("what cannot be put together is an error that names it", () => {
  assertThrows(() => defaultCollate([[1], [1, 2]]), Error, "should be of equal size");
  assertThrows(() => defaultCollate([{ a: null }]), TypeError, "a sample holds null");
  assertThrows(() => defaultCollate([new Date(0)]), TypeError, "a sample holds a Date");
  assertThrows(() => defaultCollate([new Map()]), TypeError, "a sample holds a Map");
  assertThrows(() => defaultCollate([Int16Array.of(1)]), TypeError, "Int16Array has no dtype");
  assertThrows(() => defaultCollate([Int8Array.of(1), Int8Array.of(1, 2)]), Error, "concat");
  assertThrows(() => defaultCollate([torch.ones(2), torch.ones(3)]), Error, "concat");
});
