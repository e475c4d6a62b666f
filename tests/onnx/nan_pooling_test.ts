/** Maximum pooling carries NaN, whatever the window, the layout and the element type; of several the last counts. */
import { assertEquals } from "@std/assert";
import { type DType, evaluate, fromHost, type LazyArray, ops, sizeOf } from "../../onnx/mod.ts";
import { storageFrom } from "../../onnx/dtype.ts";

interface Pooling {
  readonly shape: readonly number[];
  readonly options: ops.PoolOptions;
  readonly dtype?: DType;
}

const poolings: readonly Pooling[] = [
  { shape: [2, 3, 9], options: { kernel: [3] } },
  { shape: [2, 3, 9], options: { kernel: [3], stride: [2], padding: [1, 1] } },
  { shape: [1, 2, 9], options: { kernel: [2], stride: [1], padding: [2, 2], dilation: [4] } },
  { shape: [2, 2, 8, 8], options: { kernel: [2, 2] } },
  { shape: [2, 2, 8, 8], options: { kernel: [2, 2] }, dtype: "float64" },
  { shape: [2, 3, 7, 6], options: { kernel: [3, 2], stride: [2, 1], padding: [1, 0, 1, 1] } },
  { shape: [2, 2, 9, 7], options: { kernel: [2, 3], dilation: [2, 1] } },
  { shape: [2, 2, 4, 5, 6], options: { kernel: [2, 2, 3] } },
];

/** Integers with many equal ones; one in seven is NaN, or an infinity. */
function values(shape: readonly number[], dtype: DType): LazyArray {
  const special = [NaN, Infinity, NaN, -Infinity];
  const list = Array.from(
    { length: sizeOf(shape) },
    (_, i) => (i * 31) % 7 === 3 ? special[((i * 13) % 11) % 4] : (i * 17) % 5 - 2,
  );
  return fromHost(storageFrom(list, dtype), shape, dtype);
}

/** The pooling by loops: maxima, and the gradient of upstream gradients 1, 2, 3, ... */
function pooledByLoops(
  { shape, options }: Pooling,
  data: ArrayLike<number>,
  output: readonly number[],
) {
  const { kernel } = options;
  const { stride = kernel, padding = kernel.flatMap(() => [0, 0]), dilation } = options;
  const sizes = shape.slice(2);
  const windows = indicesOf(output);
  const gradient = new Array<number>(data.length).fill(0);
  const maxima = windows.map(([n, c, ...window], i) => {
    let best = -Infinity;
    let at = -1;
    for (const element of indicesOf(kernel)) {
      const place = element.map((e, axis) =>
        window[axis] * stride[axis] - padding[axis] + e * (dilation?.[axis] ?? 1)
      );
      if (place.some((p, axis) => p < 0 || p >= sizes[axis])) continue;
      const index = [n, c, ...place].reduce((sum, p, axis) => sum * shape[axis] + p, 0);
      if (at >= 0 && !(data[index] > best) && !Number.isNaN(data[index])) continue;
      [best, at] = [data[index], index];
    }
    if (at >= 0) gradient[at] += i + 1;
    return best;
  });
  return { maxima, gradient };
}

function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

for (const pooling of poolings) {
  const { shape, options, dtype = "float32" } = pooling;
  const title = `[${shape}] by [${options.kernel}], ${JSON.stringify(options)}, ${dtype}`;
  Deno.test(`pooling ${title} carries NaN`, async () => {
    const x = values(shape, dtype);
    const y = ops.maxPool(x, options);
    const upstream = Array.from({ length: y.size }, (_, i) => i + 1);
    const dy = fromHost(storageFrom(upstream, dtype), y.shape, dtype);
    const dx = ops.maxPoolGradient(dy, x, options);
    const alone = ops.maxPool(x, options);
    await evaluate([y, dx]);
    await evaluate([alone]);
    const expected = pooledByLoops(pooling, x.buffer.data as ArrayLike<number>, y.shape);
    assertEquals(Array.from(y.buffer.data, Number), expected.maxima, "maxima beside gradients");
    assertEquals(Array.from(alone.buffer.data, Number), expected.maxima, "maxima alone");
    assertEquals(Array.from(dx.buffer.data, Number), expected.gradient, "gradient");
  });
}

Deno.test("pooling of channels in blocks, behind a convolution, carries NaN", async () => {
  const x = values([2, 16, 8, 8], "float32");
  const w = fromHost(Float32Array.from({ length: 32 * 16 }, (_, i) => i % 3 - 1), [32, 16, 1, 1]);
  const convolved = ops.conv(x, w, {});
  await evaluate([convolved]);
  const options = { kernel: [2, 2] };
  const pooled = ops.maxPool(ops.conv(x, w, {}), options);
  await evaluate([pooled]);
  const data = convolved.buffer.data as Float32Array;
  const { maxima } = pooledByLoops({ shape: convolved.shape, options }, data, pooled.shape);
  assertEquals(Array.from(pooled.buffer.data as Float32Array), maxima);
});
