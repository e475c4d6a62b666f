/** A U-Net for images [16, 16, 3] in both idioms: a class for every pixel. */
import { keras, torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";

const { layers: L } = keras;
const { nn } = torch;
const CLASSES = 4;

function twice(x: keras.KerasTensor, filters: number, name: string): keras.KerasTensor {
  for (const part of ["a", "b"]) {
    x = new L.Conv2D({
      filters,
      kernelSize: 3,
      padding: "same",
      useBias: false,
      name: `${name}${part}`,
    })(x);
    x = new L.BatchNormalization({ momentum: 0.9, epsilon: 1e-5, name: `${name}${part}_bn` })(x);
    x = new L.ReLU({ name: `${name}${part}_relu` })(x);
  }
  return x;
}

function kerasModel(): keras.Model {
  const inputs = keras.Input({ shape: [16, 16, 3] });
  const one = twice(inputs, 8, "down1");
  const two = twice(new L.MaxPooling2D({ poolSize: 2, name: "pool1" })(one), 12, "down2");
  let x = twice(new L.MaxPooling2D({ poolSize: 2, name: "pool2" })(two), 16, "bottom");
  for (const [skip, filters, name] of [[two, 12, "up2"], [one, 8, "up1"]] as const) {
    const up = new L.Conv2DTranspose({ filters, kernelSize: 2, strides: 2, name })(x);
    x = twice(new L.Concatenate({ name: `${name}_join` })([skip, up]), filters, `${name}_`);
  }
  return new keras.Model({
    inputs,
    outputs: new L.Conv2D({ filters: CLASSES, kernelSize: 1, name: "head" })(x),
  });
}

class Twice extends nn.Module {
  conv1: torch.nn.Conv2d;
  bn1: torch.nn.BatchNorm2d;
  conv2: torch.nn.Conv2d;
  bn2: torch.nn.BatchNorm2d;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv1 = new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(outputs);
    this.conv2 = new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(outputs);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return this.bn2(this.conv2(this.bn1(this.conv1(x)).relu())).relu();
  }
}

class UNet extends nn.Module {
  head = new nn.Conv2d(8, CLASSES, 1);
  up1 = new nn.ConvTranspose2d(12, 8, 2, { stride: 2 });
  up2 = new nn.ConvTranspose2d(16, 12, 2, { stride: 2 });
  decode1 = new Twice(16, 8);
  decode2 = new Twice(24, 12);
  pool = new nn.MaxPool2d(2);
  down1 = new Twice(3, 8);
  down2 = new Twice(8, 12);
  bottom = new Twice(12, 16);

  override forward(x: torch.Tensor): torch.Tensor {
    const one = this.down1(x);
    const two = this.down2(this.pool(one));
    const bottom = this.bottom(this.pool(two));
    const up = this.decode2(torch.cat([two, this.up2(bottom)], 1));
    return this.head(this.decode1(torch.cat([one, this.up1(up)], 1)));
  }
}

export const unet: ModelPair = { kerasModel, torchModel: () => new UNet() };
