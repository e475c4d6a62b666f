import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_data_parallel.json" with { type: "json" };
import { type train, trainAlone } from "./programs.ts";

const module = import.meta.resolve("./programs.ts");

async function inWorkers<T>(name: string, args: unknown[], nprocs: number): Promise<T[]> {
  return await torch.multiprocessing.spawn({ module, name }, args, nprocs, { threads: 1 }) as T[];
}

Deno.test("workers that share each batch train as one process does", async () => {
  const steps = 20;
  const alone = await trainAlone(steps);
  for (const [workers, microBatches] of [[2, 1], [4, 1], [2, 2]]) {
    const all = await inWorkers<Awaited<ReturnType<typeof train>>>(
      "train",
      [steps, microBatches],
      workers,
    );
    for (const { losses, weight } of all) {
      losses.forEach((loss, i) => assertAlmostEquals(loss, alone.losses[i], 1e-5));
      weight.forEach((value, i) =>
        assertAlmostEquals(Number(value), Number(alone.weight[i]), 1e-5)
      );
      // One sum, made once: the same bits everywhere.
      assertEquals(weight, all[0].weight);
    }
  }
});

Deno.test("values of three workers become one, the same everywhere", async () => {
  const [first, ...others] = await inWorkers("exchanges", [], 3);
  assertEquals(first, {
    reduced: {
      sum: [6, -3, 6],
      avg: [2, -1, 2],
      min: [1, -2, 2],
      max: [3, 0, 2],
      product: [6, 0, 8],
    },
    counts: `3,${3 * 2 ** 40}`,
    sent: [1, 1, 1],
    long: [6 * 2_499_999, 6 * 2_500_000],
  });
  for (const other of others) assertEquals(other, first);
});

Deno.test("a worker that fails ends all, with its rank", async () => {
  await assertRejects(() => inWorkers("failing", [], 3), Error, "worker 1 failed: out of paper");
  await assertRejects(() => inWorkers("nothing", [], 1), Error, 'exports no function "nothing"');
});

Deno.test("workers that call different things are told so", async () => {
  await assertRejects(
    () => inWorkers("parting", [], 2),
    Error,
    "rank 0 calls allReduce (sum) of 2 values of 32 bits, rank 1 allReduce (sum) of 3 values of 32 bits",
  );
});

Deno.test("gradients are averaged where all workers have them, those of noSync included, and refused elsewhere", async () => {
  const refusal = (expert: number) =>
    `DistributedDataParallel: parameter "experts.${expert}.weight" received a gradient in 1 of 2 workers, ` +
    "expected passes of all workers to reach the same parameters (or findUnusedParameters: true)";
  const cases: [passes: number[][], expected: (number | null)[] | string][] = [
    [[[1], [1]], [null, 1.5, null]],
    [[[2, 0], [0, 2]], [1.5, null, 1.5]],
    [[[0, 0, 1], [0, 1, 0]], [3, 1.5, null]],
    [[[0], [1]], refusal(0)],
    [[[0, 1], [2, 1]], refusal(0)],
    [[[1, 0], [0]], refusal(1)],
  ];
  const expected = cases.map(([, each]) => each);
  const results = await inWorkers("routed", cases.map(([passes]) => passes), 2);
  assertEquals(results, [expected, expected]);
});

Deno.test("findUnusedParameters: gradients and steps are PyTorch's where workers reach different parameters", async () => {
  const apart = golden.map(({ steps }) => steps);
  for (const cases of await inWorkers<typeof golden[number]["seen"][]>("routedApart", apart, 2)) {
    cases.forEach((seen, i) =>
      seen.forEach(({ gradients, weights }, step) => {
        const expected = golden[i].seen[step];
        assertEquals(gradients, expected.gradients, `case ${i}, step ${step}`);
        weights.forEach((value, k) => assertAlmostEquals(value, expected.weights[k], 1e-6));
      })
    );
  }
});

Deno.test("running statistics are rank 0's when a pass begins", async () => {
  const [first, second] = await inWorkers<{ mean: number[]; seen: number }>("statistics", [], 2);
  assertEquals(second, first);
  assertEquals(first.seen, 2);
});

Deno.test("each worker has its share of the samples, in another order each epoch", async () => {
  const [first, second] = await inWorkers<number[][]>("samples", [], 2);
  for (const epoch of [0, 1]) {
    assertEquals([first[epoch].length, second[epoch].length], [4, 4]);
    const all = new Set([...first[epoch], ...second[epoch]]);
    assertEquals(all.size, 7);
  }
  assertEquals(first[0].join() === first[1].join(), false);
  const ordered = new torch.data.DistributedSampler([..."abcde"], 2, 1, { shuffle: false });
  assertEquals([...ordered], [1, 3, 0]);
  assertEquals(
    [...new torch.data.DistributedSampler([..."abcde"], 2, 1, false, 0, true)],
    [1, 3],
  );
});

Deno.test("outside a group, and with what cannot be, there is an error", async () => {
  assertEquals(torch.distributed.isInitialized(), false);
  assertThrows(() => torch.distributed.getRank(), Error, "there is no process group here");
  assertThrows(
    () => new torch.nn.parallel.DistributedDataParallel(new torch.nn.Linear(2, 2)),
    Error,
    "there is no process group here",
  );
  assertThrows(
    () => new torch.nn.parallel.DistributedDataParallel(new torch.nn.ReLU()),
    Error,
    "doesn't have any parameter",
  );
  assertThrows(() => new torch.data.DistributedSampler([1], 2, 2), Error, "Invalid rank 2");
  await assertRejects(() => inWorkers("samples", [], 0), Error, "nprocs is 0");
});

Deno.test("a leaf's hook is called once a pass, when its gradient is complete", async () => {
  const x = torch.tensor([1, 2], { dtype: "float32", requiresGrad: true });
  const seen: (number[] | null)[] = [];
  const reads: Promise<void>[] = [];
  const handle = x.registerPostAccumulateGradHook((leaf) => {
    const at = seen.push(null) - 1;
    reads.push(leaf.grad!.tolist().then((values) => void (seen[at] = values as number[])));
  });
  x.mul(x).sum().add(x.sum()).backward();
  x.sum().backward();
  handle.remove();
  x.sum().backward();
  await Promise.all(reads);
  assertEquals(seen, [[3, 5], [4, 6]]);
  assertThrows(() => x.mul(2).registerPostAccumulateGradHook(() => {}), Error, "non-leaf");
  assertThrows(
    () => torch.ones([1]).registerPostAccumulateGradHook(() => {}),
    Error,
    "doesn't require gradient",
  );
});

Deno.test("the example's two workers learn", async () => {
  const example = import.meta.resolve("../../../torch_style/examples/data_parallel.ts");
  const [first, second] = await torch.multiprocessing.spawn(
    { module: example, name: "train" },
    [2, 100],
    2,
  ) as number[][];
  assertEquals(second, first);
  assertLess(first[1], first[0]);
});
