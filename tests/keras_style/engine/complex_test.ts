/** Complex numbers and the Fourier transform, against TensorFlow.js' cpu engine. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME } from "../../../keras_style/engine/mod.ts";
import { tfFunction } from "../../../keras_style/tracing/mod.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

/** Values of both signs, without a pattern. */
function wave(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(i * i + 1) * 3);
}

function complex(shape: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const values = wave(2 * size);
  return tf.complex(
    tf.tensor(values.slice(0, size), shape),
    tf.tensor(values.slice(size), shape),
  );
}

const CALCULATIONS: Readonly<Record<string, () => tf.Tensor>> = {
  "parts": () => tf.stack([tf.real(complex([2, 3])), tf.imag(complex([2, 3]))]),
  "product": () => tf.mul(complex([2, 3]), complex([2, 3])),
  "magnitude": () => tf.abs(complex([2, 3])),
  "another shape": () => tf.imag(tf.reshape(complex([2, 3]), [3, 2])),
  "transform of 5": () => tf.spectral.fft(complex([2, 5])),
  "transform of 16, three axes": () => tf.spectral.fft(complex([2, 3, 16])),
  "inverse of 6": () => tf.spectral.ifft(complex([6])),
  "there and back": () => tf.spectral.ifft(tf.spectral.fft(complex([3, 7]))),
  "of real numbers, cut and padded": () => tf.spectral.rfft(tf.tensor2d(wave(20), [2, 10]), 16),
  "back to real numbers": () => tf.spectral.irfft(complex([2, 9])),
  "of windows of a long sound": () => tf.signal.stft(tf.tensor1d(wave(3000)), 64, 32),
};

async function valuesOf(calculate: () => tf.Tensor, engine: string) {
  await tf.setBackend(engine);
  const result = tf.tidy(calculate);
  return { dtype: result.dtype, shape: result.shape, values: Array.from(await result.data()) };
}

for (const [title, calculate] of Object.entries(CALCULATIONS)) {
  Deno.test(`complex numbers: ${title}`, async () => {
    const expected = await valuesOf(calculate, "cpu");
    const got = await valuesOf(calculate, BACKEND_NAME);
    assertEquals([got.dtype, got.shape], [expected.dtype, expected.shape]);
    assertEquals(got.values.length, expected.values.length);
    const at = got.values.findIndex((value, i) =>
      !(Math.abs(value - expected.values[i]) <= 1e-4 * (1 + Math.abs(expected.values[i])))
    );
    assert(at < 0, `element ${at} is ${got.values[at]}, expected ${expected.values[at]}`);
  });
}

Deno.test("squares of large numbers have room in the magnitude", async () => {
  await tf.setBackend(BACKEND_NAME);
  const [value] = await tf.abs(tf.complex([3e30], [4e30])).data();
  assert(Math.abs(value / 5e30 - 1) < 1e-6, `${value}`);
});

Deno.test("the transform is part of a traced function", async () => {
  await tf.setBackend(BACKEND_NAME);
  const power = tfFunction((x: tf.Tensor1D) => tf.square(tf.abs(tf.spectral.rfft(x))));
  const got = await power(tf.tensor1d([1, 2, 3, 4])).data();
  [100, 8, 4].forEach((expected, i) => assert(Math.abs(got[i] - expected) < 1e-3, `${got}`));
});

Deno.test("complex tensors leave nothing behind", async () => {
  await tf.setBackend(BACKEND_NAME);
  const before = tf.memory();
  tf.tidy(() => void tf.real(tf.spectral.fft(tf.mul(complex([2, 3]), complex([2, 3])))));
  assertNoMoreTensors(before.numTensors);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
});
