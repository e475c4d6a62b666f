/**
 * ShuffleNetV2 with strides for small images, in PyTorch's idiom; parameters are named as torchvision's.
 * @module
 */
import { cat, nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { ends, stages } from "./stages.ts";

const pointwise = (inputs: number, channels: number) => [
  new nn.Conv2d(inputs, channels, 1, { bias: false }),
  new nn.BatchNorm2d(channels),
  new nn.ReLU(),
];

const depthwise = (channels: number, stride: number) => [
  new nn.Conv2d(channels, channels, 3, { stride, padding: 1, groups: channels, bias: false }),
  new nn.BatchNorm2d(channels),
];

/** With a stride of 1 the first half of the channels passes by; with 2 both branches see all of them. */
class InvertedResidual extends nn.Module {
  branch1 = new nn.Sequential();
  branch2: nn.Sequential;

  constructor(inputs: number, channels: number, readonly stride: number) {
    super();
    const half = channels / 2;
    if (stride > 1) this.branch1.extend([...depthwise(inputs, stride), ...pointwise(inputs, half)]);
    this.branch2 = new nn.Sequential(
      ...pointwise(stride > 1 ? inputs : half, half),
      ...depthwise(half, stride),
      ...pointwise(half, half),
    );
  }

  override forward(x: Tensor): Tensor {
    const [passing, changed] = this.stride > 1 ? [x, x] : x.chunk(2, 1);
    const both = cat([this.branch1(passing), this.branch2(changed)], 1);
    return nn.functional.channelShuffle(both, 2);
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 1263854
 * ```
 */
export class TorchModel extends nn.Module {
  conv1: nn.Sequential;
  stage2: nn.Sequential;
  stage3: nn.Sequential;
  stage4: nn.Sequential;
  conv5: nn.Sequential;
  fc: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    this.conv1 = new nn.Sequential(
      new nn.Conv2d(channels, ends.stem, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(ends.stem),
      new nn.ReLU(),
    );
    const inputs = [ends.stem, ...stages.map((stage) => stage.channels)];
    [this.stage2, this.stage3, this.stage4] = stages.map((stage, i) => {
      const rest = Array.from(
        { length: stage.blocks - 1 },
        () => new InvertedResidual(stage.channels, stage.channels, 1),
      );
      return new nn.Sequential(new InvertedResidual(inputs[i], stage.channels, 2), ...rest);
    });
    this.conv5 = new nn.Sequential(...pointwise(inputs.at(-1)!, ends.last));
    this.fc = new nn.Linear(ends.last, classes);
  }

  override forward(x: Tensor): Tensor {
    x = this.stage4(this.stage3(this.stage2(this.conv1(x))));
    return this.fc(this.conv5(x).mean([2, 3]));
  }
}
