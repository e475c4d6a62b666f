/**
 * MobileNetV2 with strides for small images, in PyTorch's idiom.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { convNorm } from "../torch_layers.ts";
import { stages } from "./stages.ts";

/** 1x1 to more channels, depthwise 3x3, 1x1 to fewer channels without activation; the input is added where shapes agree. */
class InvertedResidual extends nn.Module {
  conv: nn.Sequential;
  readonly addsInput: boolean;

  constructor(inputs: number, channels: number, stride: number, expansion: number) {
    super();
    const hidden = inputs * expansion;
    this.addsInput = stride === 1 && inputs === channels;
    this.conv = new nn.Sequential(
      ...(expansion === 1 ? [] : [convNorm(inputs, hidden, 1, { activation: new nn.ReLU6() })]),
      convNorm(hidden, hidden, 3, { stride, groups: hidden, activation: new nn.ReLU6() }),
      convNorm(hidden, channels, 1),
    );
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv(x);
    return this.addsInput ? x.add(y) : y;
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 2236682
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    const blocks: nn.Module[] = [convNorm(channels, 32, 3, { activation: new nn.ReLU6() })];
    let inputs = 32;
    for (const { expansion, channels: outputs, blocks: count, stride } of stages) {
      for (let i = 0; i < count; i++) {
        blocks.push(new InvertedResidual(inputs, outputs, i === 0 ? stride : 1, expansion));
        inputs = outputs;
      }
    }
    this.features = new nn.Sequential(
      ...blocks,
      convNorm(inputs, 1280, 1, { activation: new nn.ReLU6() }),
    );
    this.classifier = new nn.Sequential(new nn.Dropout(0.2), new nn.Linear(1280, classes));
    this.modules().forEach(initialize);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).mean([2, 3]));
  }
}

function initialize(module: nn.AnyModule): void {
  if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: "fan_out" });
  if (module instanceof nn.Linear) {
    nn.init.normal_(module.weight, 0, 0.01);
    nn.init.zeros_(module.bias!);
  }
}
