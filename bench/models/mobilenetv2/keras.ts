/**
 * MobileNetV2 with strides for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { stages } from "./stages.ts";

type DataFormat = KerasSpec["dataFormat"];

/** Kaiming's initialization by outputs, as PyTorch's users have it here. */
const fanOut = {
  className: "VarianceScaling",
  config: { scale: 2, mode: "fanOut", distribution: "untruncatedNormal" },
} as const;

/** Batch norm with PyTorch's constants. */
function batchNorm(x: KerasTensor, dataFormat: DataFormat): KerasTensor {
  const axis = dataFormat === "channelsFirst" ? 1 : -1;
  return new layers.BatchNormalization({ axis, momentum: 0.9, epsilon: 1e-5 })(x);
}

function relu6(x: KerasTensor): KerasTensor {
  return new layers.ReLU({ maxValue: 6 })(x);
}

/** A 1x1 convolution over the channels, and batch norm. */
function pointwise(x: KerasTensor, filters: number, dataFormat: DataFormat): KerasTensor {
  const options = { filters, kernelSize: 1, useBias: false, kernelInitializer: fanOut, dataFormat };
  return batchNorm(new layers.Conv2D(options)(x), dataFormat);
}

/** A 3x3 convolution of each channel alone, with zeros on all sides, and batch norm. */
function depthwise(x: KerasTensor, strides: number, dataFormat: DataFormat): KerasTensor {
  // With a stride "same" pads on one side only.
  const padded = new layers.ZeroPadding2D({ padding: 1, dataFormat })(x);
  const convolved = new layers.DepthwiseConv2D({
    ...{ kernelSize: 3, strides, useBias: false, dataFormat },
    depthwiseInitializer: "heNormal",
  })(padded);
  return batchNorm(convolved, dataFormat);
}

/** 1x1 to more channels, depthwise 3x3, 1x1 to fewer channels without activation; the input is added where shapes agree. */
function invertedResidual(
  x: KerasTensor,
  { filters, strides, expansion }: { filters: number; strides: number; expansion: number },
  dataFormat: DataFormat,
): KerasTensor {
  const inputs = x.shape.at(dataFormat === "channelsFirst" ? 1 : -1)!;
  const expanded = expansion === 1 ? x : relu6(pointwise(x, inputs * expansion, dataFormat));
  const y = pointwise(relu6(depthwise(expanded, strides, dataFormat)), filters, dataFormat);
  return strides === 1 && inputs === filters ? new layers.Add()([x, y]) : y;
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  const stem = new layers.Conv2D({
    ...{ filters: 32, kernelSize: 3, padding: "same", useBias: false, dataFormat },
    kernelInitializer: fanOut,
  });
  let x = relu6(batchNorm(stem(inputs), dataFormat));
  for (const { expansion, channels: filters, blocks, stride } of stages) {
    for (let i = 0; i < blocks; i++) {
      const strides = i === 0 ? stride : 1;
      x = invertedResidual(x, { filters, strides, expansion }, dataFormat);
    }
  }
  x = relu6(pointwise(x, 1280, dataFormat));
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const dropped = new layers.Dropout({ rate: 0.2 })(pooled);
  const outputs = new layers.Dense({
    units: classes,
    kernelInitializer: { className: "RandomNormal", config: { stddev: 0.01 } },
  })(dropped);
  return new Model({ inputs, outputs });
}
