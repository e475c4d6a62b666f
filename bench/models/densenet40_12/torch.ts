/**
 * A densely connected network in PyTorch's idiom; parameters are named as torchvision's DenseNets'.
 * @module
 */
import { cat, nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { size } from "./size.ts";

/** Adds channels to those that it is given. */
class DenseLayer extends nn.Module {
  norm1: nn.BatchNorm2d;
  conv1: nn.Conv2d;

  constructor(inputs: number) {
    super();
    this.norm1 = new nn.BatchNorm2d(inputs);
    this.conv1 = new nn.Conv2d(inputs, size.growth, 3, { padding: 1, bias: false });
  }

  override forward(x: Tensor): Tensor {
    return cat([x, this.conv1(this.norm1(x).relu())], 1);
  }
}

/** Every layer sees what all layers before it made. */
function denseBlock(inputs: number): nn.Sequential {
  const modules: Record<string, nn.Module> = {};
  for (let i = 0; i < size.layers; i++) {
    modules[`denselayer${i + 1}`] = new DenseLayer(inputs + i * size.growth);
  }
  return new nn.Sequential(modules);
}

/** As many channels as before, half the rows and columns. */
function transition(channels: number): nn.Sequential {
  return new nn.Sequential({
    norm: new nn.BatchNorm2d(channels),
    relu: new nn.ReLU(),
    conv: new nn.Conv2d(channels, channels, 1, { bias: false }),
    pool: new nn.AvgPool2d(2),
  });
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 1019722
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    const modules: Record<string, nn.Module> = {
      conv0: new nn.Conv2d(channels, size.stem, 3, { padding: 1, bias: false }),
    };
    let inputs: number = size.stem;
    for (let block = 1; block <= size.blocks; block++) {
      if (block > 1) modules[`transition${block - 1}`] = transition(inputs);
      modules[`denseblock${block}`] = denseBlock(inputs);
      inputs += size.layers * size.growth;
    }
    modules.norm5 = new nn.BatchNorm2d(inputs);
    this.features = new nn.Sequential(modules);
    this.classifier = new nn.Linear(inputs, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight);
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).relu().mean([2, 3]));
  }
}
