/** Convolutions with groups and dilation: the engine's kernel against slices and gaps, gradients of gradients too. */
import * as tf from "@tensorflow/tfjs";
import { GROUPED_CONV, groupedConv2d } from "../../../keras_style/engine/grouped_convolution.ts";
import { dilated } from "../../../keras_style/layers/convolutional/convolve.ts";
import * as keras from "../../../keras_style/mod.ts";
import { assertClose } from "../golden.ts";

const cases = [
  { groups: 2, strides: [1, 1], dilations: [1, 1], pad: "same" },
  { groups: 3, strides: [2, 1], dilations: [1, 1], pad: "valid" },
  { groups: 1, strides: [1, 1], dilations: [2, 3], pad: "same" },
  { groups: 6, strides: [1, 1], dilations: [2, 1], pad: "valid" },
] as const;

/** What TensorFlow.js' own kernels give, group by group, with gaps in the filters. */
function bySlices(
  x: tf.Tensor,
  filter: tf.Tensor,
  { groups, strides, dilations, pad }: typeof cases[number],
): tf.Tensor {
  const kernels = tf.split(dilated(filter, dilations), groups, -1) as tf.Tensor4D[];
  const parts = tf.split(x, groups, -1) as tf.Tensor4D[];
  return tf.concat(parts.map((part, i) => tf.conv2d(part, kernels[i], [...strides], pad)), -1);
}

for (const one of cases) {
  Deno.test(`${GROUPED_CONV}: ${JSON.stringify(one)}`, async () => {
    const x = keras.random.normal([2, 7, 8, 6], { seed: 1 });
    const filter = keras.random.normal([3, 2, 6 / one.groups, 12], { seed: 2 });
    const byKernel = (x: tf.Tensor, filter: tf.Tensor) =>
      groupedConv2d(x, filter, {
        strides: [...one.strides],
        dilations: [...one.dilations],
        pad: one.pad,
      });
    const results = [byKernel, bySlices].map((conv) => {
      using outer = new keras.GradientTape({ persistent: true });
      outer.watch(x);
      outer.watch(filter);
      const [y, first] = (() => {
        using inner = new keras.GradientTape();
        inner.watch(x);
        inner.watch(filter);
        const y = conv(x, filter, one);
        return [y, inner.gradient(tf.sum(tf.pow(y, 3)), [x, filter])] as const;
      })();
      const second = first.map((gradient) =>
        outer.gradient(tf.sum(tf.square(gradient!)), [x, filter])
      );
      return [y, ...first, ...second.flat()] as tf.Tensor[];
    });
    for (const [i, expected] of results[1].entries()) {
      const scale = (await tf.max(tf.abs(expected)).data())[0];
      const [a, b] = await Promise.all(
        [results[0][i], expected].map((value) => tf.div(value, scale).data()),
      );
      assertClose([...a], [...b], 1e-5, `value ${i}`);
    }
  });
}
