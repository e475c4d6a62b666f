/**
 * A process that multiplies matrices and prints the floating-point operations a second: `peak_process.ts DEVICE [THREADS]`.
 * @module
 */
import { fromHost, limitThreads, ops, type Provider, useProvider } from "../../../onnx/mod.ts";

/** Rows and columns: the large matrices count, the small ones tell how long those would take. */
const SIZES = { small: 256, large: 1024 };
/** A device that would need longer for one product is measured on the small ones: a GPU imitated on the CPU. */
const LONGEST_MS = 500;
/** Products in one call. */
const PRODUCTS = 4;
/** Measured calls, of which the fastest counts. */
const CALLS = 4;

/** Floating-point operations a second of the fastest call. */
async function peakOf(provider: Provider): Promise<number> {
  const small = await peakAt(SIZES.small, provider);
  const expectedMs = flopsOf(SIZES.large) / small * 1000;
  return expectedMs > LONGEST_MS ? small : await peakAt(SIZES.large, provider);
}

function flopsOf(size: number): number {
  return 2 * size ** 3;
}

async function peakAt(size: number, provider: Provider): Promise<number> {
  const runtime = useProvider(provider);
  // Rows of mean square 1 / size, so that products stay as large as their factors.
  const values = Float32Array.from(
    { length: size * size },
    (_, i) => Math.sin(i) * Math.sqrt(2 / size),
  );
  const matrix = fromHost(values, [size, size]);
  // What ends a call is small enough to be brought to the host by it: the products are done then, and are not copied.
  const column = fromHost(values.slice(0, size), [size, 1]);
  let fastest = Infinity;
  for (let call = 0; call <= CALLS; call++) {
    let product = matrix;
    for (let i = 0; i < PRODUCTS; i++) product = ops.matmul(product, matrix);
    const before = runtime.statistics.runMs;
    await runtime.evaluate([ops.matmul(product, column)]);
    // The first call only warms up.
    if (call > 0) fastest = Math.min(fastest, runtime.statistics.runMs - before);
  }
  return flopsOf(size) * PRODUCTS / (fastest / 1000);
}

if (import.meta.main) {
  const [device, threads] = Deno.args;
  if (threads) limitThreads(Number(threads));
  console.log(await peakOf(device as Provider));
}
