/**
 * MobileNetV2 with strides for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { batchNorm, channelAxis, convNorm, type DataFormat, depthwise } from "../keras_layers.ts";
import { stages } from "./stages.ts";

function relu6(x: KerasTensor): KerasTensor {
  return new layers.ReLU({ maxValue: 6 })(x);
}

/** A 1x1 convolution over the channels, and batch norm. */
function pointwise(x: KerasTensor, filters: number, dataFormat: DataFormat): KerasTensor {
  return convNorm(x, { filters, kernelSize: 1 }, dataFormat);
}

/** 1x1 to more channels, depthwise 3x3, 1x1 to fewer channels without activation; the input is added where shapes agree. */
function invertedResidual(
  x: KerasTensor,
  { filters, strides, expansion }: { filters: number; strides: number; expansion: number },
  dataFormat: DataFormat,
): KerasTensor {
  const inputs = x.shape.at(channelAxis(dataFormat))!;
  const expanded = expansion === 1 ? x : relu6(pointwise(x, inputs * expansion, dataFormat));
  const spatial = depthwise(expanded, { kernelSize: 3, strides }, dataFormat);
  const y = pointwise(relu6(batchNorm(spatial, dataFormat)), filters, dataFormat);
  return strides === 1 && inputs === filters ? new layers.Add()([x, y]) : y;
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  let x = relu6(convNorm(inputs, { filters: 32, kernelSize: 3 }, dataFormat));
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
