/**
 * ResNet-18 with a stem for small images, in PyTorch's idiom; parameters are named as torchvision's.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";

/** Two 3x3 convolutions, each with batch norm; a 1x1 convolution brings the input to the same shape where it has another. */
class BasicBlock extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  downsample: nn.Module;

  constructor(inputs: number, channels: number, stride: number) {
    super();
    this.conv1 = new nn.Conv2d(inputs, channels, 3, { stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(channels);
    this.conv2 = new nn.Conv2d(channels, channels, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(channels);
    this.downsample = stride === 1 && inputs === channels ? new nn.Identity() : new nn.Sequential(
      new nn.Conv2d(inputs, channels, 1, { stride, bias: false }),
      new nn.BatchNorm2d(channels),
    );
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn2(this.conv2(this.bn1(this.conv1(x)).relu()));
    return y.add(this.downsample(x)).relu();
  }
}

function stage(inputs: number, channels: number, stride: number): nn.Sequential {
  return new nn.Sequential(
    new BasicBlock(inputs, channels, stride),
    new BasicBlock(channels, channels, 1),
  );
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 11173962
 * ```
 */
export class TorchModel extends nn.Module {
  conv1: nn.Conv2d;
  bn1 = new nn.BatchNorm2d(64);
  layer1 = stage(64, 64, 1);
  layer2 = stage(64, 128, 2);
  layer3 = stage(128, 256, 2);
  layer4 = stage(256, 512, 2);
  fc: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    this.conv1 = new nn.Conv2d(channels, 64, 3, { padding: 1, bias: false });
    this.fc = new nn.Linear(512, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) {
        nn.init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
      }
    }
  }

  override forward(x: Tensor): Tensor {
    x = this.bn1(this.conv1(x)).relu();
    x = this.layer4(this.layer3(this.layer2(this.layer1(x))));
    return this.fc(x.mean([2, 3]));
  }
}
