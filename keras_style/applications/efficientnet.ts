/**
 * EfficientNet (Tan and Le, 2019). Follows keras/src/applications/efficientnet.py of Keras 3.
 * @module
 */
import { VarianceScaling } from "../initializers/mod.ts";
import type { KerasTensor } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import {
  channelAxis,
  defineApplication,
  ending,
  makeDivisible,
  paddingForStride2,
  type Settings,
} from "./application.ts";

/** Blocks of one kind, before the network is made wider and deeper. */
const KINDS = [
  { kernelSize: 3, repeats: 1, filtersIn: 32, filtersOut: 16, expansion: 1, strides: 1 },
  { kernelSize: 3, repeats: 2, filtersIn: 16, filtersOut: 24, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 2, filtersIn: 24, filtersOut: 40, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 3, filtersIn: 40, filtersOut: 80, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 3, filtersIn: 80, filtersOut: 112, expansion: 6, strides: 1 },
  { kernelSize: 5, repeats: 4, filtersIn: 112, filtersOut: 192, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 1, filtersIn: 192, filtersOut: 320, expansion: 6, strides: 1 },
] as const;

interface Block {
  readonly name: string;
  readonly filtersIn: number;
  readonly filtersOut: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly expansion: number;
  /** Share of the samples whose block is left out while training. */
  readonly dropRate: number;
}

const SQUEEZE = 0.25;

const convInitializer = () =>
  new VarianceScaling({ scale: 2, mode: "fanOut", distribution: "truncatedNormal" });

const normalized = (x: KerasTensor, name: string) =>
  layers.BatchNormalization({ axis: channelAxis(), name })(x);

const swish = (x: KerasTensor, name: string) => layers.Activation({ activation: "silu", name })(x);

const pointwise = (x: KerasTensor, filters: number, name: string) =>
  layers.Conv2D({
    filters,
    kernelSize: 1,
    padding: "same",
    useBias: false,
    kernelInitializer: convInitializer(),
    name,
  })(x);

/** An inverted residual block with squeeze and excitation. */
function invertedBlock(inputs: KerasTensor, block: Block): KerasTensor {
  const { name, filtersIn, filtersOut, kernelSize, strides, expansion, dropRate } = block;
  const filters = filtersIn * expansion;
  let x = inputs;
  if (expansion !== 1) {
    x = normalized(pointwise(x, filters, `${name}expand_conv`), `${name}expand_bn`);
    x = swish(x, `${name}expand_activation`);
  }
  if (strides === 2) {
    const padding = paddingForStride2(x, kernelSize);
    x = layers.ZeroPadding2D({ padding, name: `${name}dwconv_pad` })(x);
  }
  x = layers.DepthwiseConv2D({
    kernelSize,
    strides,
    padding: strides === 2 ? "valid" : "same",
    useBias: false,
    depthwiseInitializer: convInitializer(),
    name: `${name}dwconv`,
  })(x);
  x = swish(normalized(x, `${name}bn`), `${name}activation`);
  x = excited(x, filters, Math.max(1, Math.trunc(filtersIn * SQUEEZE)), name);
  x = normalized(pointwise(x, filtersOut, `${name}project_conv`), `${name}project_bn`);
  if (strides !== 1 || filtersIn !== filtersOut) return x;
  if (dropRate > 0) {
    const noiseShape = [null, 1, 1, 1];
    x = layers.Dropout({ rate: dropRate, noiseShape, name: `${name}drop` })(x);
  }
  return layers.Add({ name: `${name}add` })([x, inputs]);
}

/** Channels times what a small network says of their means (Hu et al., 2017). */
function excited(x: KerasTensor, filters: number, squeezed: number, name: string): KerasTensor {
  const conv = (y: KerasTensor, count: number, activation: string, part: string) =>
    layers.Conv2D({
      filters: count,
      kernelSize: 1,
      padding: "same",
      activation,
      kernelInitializer: convInitializer(),
      name: `${name}${part}`,
    })(y);
  const means = layers.GlobalAveragePooling2D({ name: `${name}se_squeeze` })(x);
  const targetShape = channelAxis() === 1 ? [filters, 1, 1] : [1, 1, filters];
  const column = layers.Reshape({ targetShape, name: `${name}se_reshape` })(means);
  const share = conv(conv(column, squeezed, "silu", "se_reduce"), filters, "sigmoid", "se_expand");
  return layers.Multiply({ name: `${name}se_excite` })([x, share]);
}

/** Keras' published files, which `weights="imagenet"` is there. */
const PUBLISHED = /(^|[\\/])efficientnetb\d(_notop)?\.h5$/;

/** Deviations of ImageNet's channels. */
const DEVIATIONS = [0.229, 0.224, 0.225];

/** What the published weights were trained with: values over the deviations once more, by a layer that Keras adds for them alone. */
function asPublished(x: KerasTensor, { weights }: Settings): KerasTensor {
  if (weights === null || !PUBLISHED.test(String(weights))) return x;
  return layers.Rescaling({ scale: DEVIATIONS.map((deviation) => 1 / Math.sqrt(deviation)) })(x);
}

/** How much wider and deeper than the first a network is. */
interface Scale {
  readonly width: number;
  readonly depth: number;
  readonly size: number;
  readonly dropout: number;
}

const DROP_CONNECT = 0.2;

function body({ width, depth, dropout }: Scale) {
  const filters = (count: number) => makeDivisible(count * width, 8);
  const repeats = (count: number) => Math.ceil(count * depth);
  const total = KINDS.reduce((sum, kind) => sum + repeats(kind.repeats), 0);
  return (images: KerasTensor, settings: Settings): KerasTensor => {
    let x = layers.Rescaling({ scale: 1 / 255 })(images);
    x = asPublished(layers.Normalization({ axis: channelAxis() })(x), settings);
    x = layers.ZeroPadding2D({ padding: paddingForStride2(x, 3), name: "stem_conv_pad" })(x);
    x = layers.Conv2D({
      filters: filters(32),
      kernelSize: 3,
      strides: 2,
      padding: "valid",
      useBias: false,
      kernelInitializer: convInitializer(),
      name: "stem_conv",
    })(x);
    x = swish(normalized(x, "stem_bn"), "stem_activation");
    let count = 0;
    KINDS.forEach((kind, i) => {
      for (let k = 0; k < repeats(kind.repeats); k++) {
        x = invertedBlock(x, {
          ...kind,
          name: `block${i + 1}${String.fromCharCode(97 + k)}_`,
          filtersIn: filters(k === 0 ? kind.filtersIn : kind.filtersOut),
          filtersOut: filters(kind.filtersOut),
          strides: k === 0 ? kind.strides : 1,
          dropRate: DROP_CONNECT * count++ / total,
        });
      }
    });
    x = swish(normalized(pointwise(x, filters(1280), "top_conv"), "top_bn"), "top_activation");
    const kernelInitializer = new VarianceScaling({
      scale: 1 / 3,
      mode: "fanOut",
      distribution: "uniform",
    });
    return ending(x, settings, { dropout, kernelInitializer });
  };
}

const define = (owner: string, scale: Scale) =>
  defineApplication(owner, {
    name: owner.toLowerCase(),
    size: scale.size,
    least: 32,
    body: body(scale),
  });

/**
 * EfficientNet-B0: 5,330,571 parameters for 1000 classes. Takes images of values from 0 to 255. Weights of a file with the name that
 * Keras publishes it under (efficientnetb0.h5, efficientnetb0_notop.h5) get the rescaling that `weights="imagenet"` adds in Python.
 * Follows https://keras.io/api/applications/efficientnet/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const features = keras.applications.EfficientNetB0({ includeTop: false, pooling: "avg" });
 * console.log(features.outputs[0].shape); // [ null, 1280 ]
 * ```
 */
export const EfficientNetB0 = define("EfficientNetB0", {
  width: 1,
  depth: 1,
  size: 224,
  dropout: 0.2,
});
/** EfficientNet-B1. */
export const EfficientNetB1 = define("EfficientNetB1", {
  width: 1,
  depth: 1.1,
  size: 240,
  dropout: 0.2,
});
/** EfficientNet-B2. */
export const EfficientNetB2 = define("EfficientNetB2", {
  width: 1.1,
  depth: 1.2,
  size: 260,
  dropout: 0.3,
});
/** EfficientNet-B3. */
export const EfficientNetB3 = define("EfficientNetB3", {
  width: 1.2,
  depth: 1.4,
  size: 300,
  dropout: 0.3,
});
/** EfficientNet-B4. */
export const EfficientNetB4 = define("EfficientNetB4", {
  width: 1.4,
  depth: 1.8,
  size: 380,
  dropout: 0.4,
});
/** EfficientNet-B5. */
export const EfficientNetB5 = define("EfficientNetB5", {
  width: 1.6,
  depth: 2.2,
  size: 456,
  dropout: 0.4,
});
/** EfficientNet-B6. */
export const EfficientNetB6 = define("EfficientNetB6", {
  width: 1.8,
  depth: 2.6,
  size: 528,
  dropout: 0.5,
});
/** EfficientNet-B7. */
export const EfficientNetB7 = define("EfficientNetB7", {
  width: 2,
  depth: 3.1,
  size: 600,
  dropout: 0.5,
});
