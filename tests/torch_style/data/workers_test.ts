import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { counting, squares } from "./values_dataset.ts";

const { DataLoader } = torch.data;
const module = import.meta.resolve("./values_dataset.ts");

async function firsts(loader: torch.data.DataLoader): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const [x] of loader) batches.push(Array.from(await x.data(), Number));
  return batches;
}

Deno.test("workers give the batches that one would make alone, in order", async () => {
  const alone = new DataLoader(squares(23), { batchSize: 3, shuffle: true, seed: 4 });
  const workers = new DataLoader(squares(23), {
    batchSize: 3,
    shuffle: true,
    seed: 4,
    numWorkers: 2,
    prefetchFactor: 3,
    workerSource: { module, name: "slowSquares", args: [23] },
  });
  assertEquals(await firsts(workers), await firsts(alone));
  // Another pass starts new workers and goes on in the order's stream.
  assertEquals(await firsts(workers), await firsts(alone));
});

Deno.test("several tensors a sample cross with shape and dtype", async () => {
  const loader = new DataLoader(squares(5), {
    batchSize: 2,
    numWorkers: 1,
    workerSource: { module, name: "squares", args: [5] },
  });
  for await (const [x, y] of loader) {
    assertEquals([x.dtype, y.dtype, x.ndim, y.shape[1]], ["int64", "int64", 1, 2]);
    const values = Array.from(await x.data(), Number);
    assertEquals(await y.tolist(), values.map((i) => [i, i * i]));
  }
});

Deno.test("iterable datasets: each worker gives its share, by turns", async () => {
  const loader = new DataLoader(counting(10), {
    batchSize: 2,
    numWorkers: 2,
    workerSource: { module, name: "counting", args: [10] },
  });
  assertEquals(await firsts(loader), [[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]]);
  assertEquals(await firsts(new DataLoader(counting(5), { batchSize: 2, dropLast: true })), [
    [0, 1],
    [2, 3],
  ]);
  assertThrows(() => [...new DataLoader(counting(5))], Error, "use for await");
});

Deno.test("a failing sample is an error that names worker, samples and cause", async () => {
  const loader = new DataLoader(squares(12), {
    batchSize: 2,
    numWorkers: 2,
    workerSource: { module, name: "squares", args: [12, 7] },
  });
  await assertRejects(
    () => firsts(loader),
    Error,
    "DataLoader worker 1 failed at samples [6, 7]: sample 7 is broken",
  );
});

Deno.test("a worker that crashes, a module or function that is not there: an error, no hang", async () => {
  const load = (workerSource: torch.data.WorkerSource) =>
    firsts(new DataLoader(squares(4), { numWorkers: 1, workerSource }));
  await assertRejects(
    () => load({ module, name: "crashing", args: [4] }),
    Error,
    "thrown where nobody catches it",
  );
  await assertRejects(
    () => load({ module: import.meta.resolve("./nowhere.ts"), name: "squares" }),
    Error,
    "nowhere.ts",
  );
  await assertRejects(() => load({ module, name: "cubes" }), Error, 'exports no function "cubes"');
});

Deno.test("leaving a loop early ends the workers", async () => {
  const loader = new DataLoader(squares(100), {
    numWorkers: 2,
    workerSource: { module, name: "squares", args: [100] },
  });
  const { terminate } = Worker.prototype;
  const ended = new Set<Worker>();
  Worker.prototype.terminate = function () {
    ended.add(this);
    terminate.call(this);
  };
  try {
    for await (const [x] of loader) {
      if (await x.sum().item() === 3) break;
    }
  } finally {
    Worker.prototype.terminate = terminate;
  }
  assertEquals(ended.size, 2);
});

Deno.test("options that workers cannot follow are refused", () => {
  const dataset = squares(4);
  const workerSource = { module, name: "squares", args: [4] };
  assertThrows(
    () => new DataLoader(dataset, { numWorkers: 2 }),
    Error,
    "numWorkers needs workerSource",
  );
  assertThrows(() => new DataLoader(dataset, { numWorkers: -1 }), Error, "non-negative, got -1");
  assertThrows(() => new DataLoader(dataset, { prefetchFactor: 2 }), Error, "set numWorkers > 0");
  assertThrows(
    () => new DataLoader(dataset, { numWorkers: 1, workerSource, prefetchFactor: 0 }),
    Error,
    "prefetchFactor is 0",
  );
  assertThrows(
    () => new DataLoader(dataset, { numWorkers: 1, workerSource, collateFn: (s) => s[0] }),
    Error,
    "collateFn does not cross to workers",
  );
  assertThrows(
    () => [...new DataLoader(dataset, { numWorkers: 1, workerSource })],
    Error,
    "use for await",
  );
});

for (const given of ["manualSeed", "seed", "generator"] as const) {
  Deno.test(`workers draw other randoms each pass and worker, by the ${given}`, async () => {
    const pass = async (seed: number, passes: number) => {
      torch.manualSeed(given === "manualSeed" ? seed : 0);
      const loader = new DataLoader(squares(6), {
        batchSize: 2,
        numWorkers: 2,
        workerSource: { module, name: "random", args: [6] },
        ...(given === "seed" ? { seed } : {}),
        ...(given === "generator" ? { generator: new torch.Generator().manualSeed(seed) } : {}),
      });
      const values: number[] = [];
      for (let k = 0; k < passes; k++) values.push(...(await firsts(loader)).flat());
      return values;
    };
    const first = await pass(1, 2);
    assertEquals(new Set(first).size, 12);
    assertEquals(await pass(1, 2), first);
    const other = await pass(2, 1);
    assertEquals(other.filter((number) => first.includes(number)), []);
  });
}

Deno.test("each worker calls workerInitFn with its number first, and knows its seed", async () => {
  const loader = new DataLoader(squares(4), {
    numWorkers: 2,
    workerInitFn: "remember",
    workerSource: { module, name: "remembered", args: [4] },
  });
  const rows = (await firsts(loader)) as number[][];
  assertEquals(rows.map(([id]) => id), [0, 1, 0, 1]);
  assertEquals(rows[1][1], (rows[0][1] + 1) % 2 ** 32);
  const wrong = new DataLoader(squares(4), {
    numWorkers: 1,
    workerInitFn: "missing",
    workerSource: { module, name: "remembered", args: [4] },
  });
  await assertRejects(() => firsts(wrong), Error, 'exports no function "missing"');
  assertThrows(
    () => new DataLoader(squares(4), { workerInitFn: "remember" }),
    Error,
    "workerInitFn needs workers",
  );
});
