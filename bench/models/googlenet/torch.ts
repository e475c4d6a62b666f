/**
 * GoogLeNet with a stem for small images, in PyTorch's idiom.
 * @module
 */
import { cat, nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { blocks, type InceptionChannels } from "./inception.ts";

/** A convolution that keeps rows and columns, batch norm, relu. */
class BasicConv2d extends nn.Module {
  conv: nn.Conv2d;
  bn: nn.BatchNorm2d;

  constructor(inputs: number, channels: number, kernelSize: number) {
    super();
    const padding = (kernelSize - 1) / 2;
    this.conv = new nn.Conv2d(inputs, channels, kernelSize, { padding, bias: false });
    this.bn = new nn.BatchNorm2d(channels);
  }

  override forward(x: Tensor): Tensor {
    return this.bn(this.conv(x)).relu();
  }
}

/** Four branches side by side, joined along the channels. */
class Inception extends nn.Module {
  branch1: BasicConv2d;
  branch2: nn.Sequential;
  branch3: nn.Sequential;
  branch4: nn.Sequential;

  constructor(inputs: number, { one, three, five, pool }: InceptionChannels) {
    super();
    this.branch1 = new BasicConv2d(inputs, one, 1);
    this.branch2 = new nn.Sequential(
      new BasicConv2d(inputs, three[0], 1),
      new BasicConv2d(three[0], three[1], 3),
    );
    this.branch3 = new nn.Sequential(
      new BasicConv2d(inputs, five[0], 1),
      new BasicConv2d(five[0], five[1], 5),
    );
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1 }),
      new BasicConv2d(inputs, pool, 1),
    );
  }

  override forward(x: Tensor): Tensor {
    return cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)], 1);
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 5871914
 * ```
 */
export class TorchModel extends nn.Module {
  stem: BasicConv2d;
  blocks: nn.Sequential;
  dropout = new nn.Dropout(0.2);
  fc: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    this.stem = new BasicConv2d(channels, 192, 3);
    const modules: nn.Module[] = [];
    let inputs = 192;
    for (const entry of blocks) {
      if (entry === "pool") {
        modules.push(new nn.MaxPool2d(3, { stride: 2, padding: 1 }));
        continue;
      }
      modules.push(new Inception(inputs, entry));
      inputs = entry.one + entry.three[1] + entry.five[1] + entry.pool;
    }
    this.blocks = new nn.Sequential(...modules);
    this.fc = new nn.Linear(inputs, classes);
  }

  override forward(x: Tensor): Tensor {
    return this.fc(this.dropout(this.blocks(this.stem(x)).mean([2, 3])));
  }
}
