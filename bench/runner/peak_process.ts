/**
 * A process that multiplies matrices and prints the floating-point operations a second: `peak_process.ts DEVICE [THREADS]`.
 * @module
 */
import { fromHost, limitThreads, ops, type Provider, useProvider } from "../../onnx/mod.ts";

/** Rows and columns. */
const SIZE = 1024;
/** Products in one call. */
const PRODUCTS = 4;
/** Measured calls, of which the fastest counts. */
const CALLS = 4;

/** Floating-point operations a second of the fastest call. */
async function peakOf(provider: Provider): Promise<number> {
  const runtime = useProvider(provider);
  // Rows of mean square 1 / SIZE, so that products stay as large as their factors.
  const values = Float32Array.from(
    { length: SIZE * SIZE },
    (_, i) => Math.sin(i) * Math.sqrt(2 / SIZE),
  );
  const matrix = fromHost(values, [SIZE, SIZE]);
  let fastest = Infinity;
  for (let call = 0; call <= CALLS; call++) {
    let product = matrix;
    for (let i = 0; i < PRODUCTS; i++) product = ops.matmul(product, matrix);
    const before = runtime.statistics.runMs;
    await runtime.evaluate([product]);
    // The first call only warms up.
    if (call > 0) fastest = Math.min(fastest, runtime.statistics.runMs - before);
  }
  return 2 * SIZE ** 3 * PRODUCTS / (fastest / 1000);
}

if (import.meta.main) {
  const [device, threads] = Deno.args;
  if (threads) limitThreads(Number(threads));
  console.log(await peakOf(device as Provider));
}
