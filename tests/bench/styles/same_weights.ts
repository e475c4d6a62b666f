/** A residual network of eight layers that starts from the same weights in both idioms, as a user's file. */
import * as tf from "@tensorflow/tfjs";
import type { Model } from "../../../keras_style/mod.ts";
import { RandomStream } from "../../../onnx/mod.ts";
import { fromArray, noGrad } from "../../../torch_style/mod.ts";
import type { KerasSpec, ModelSpec } from "../../../bench/models/mod.ts";
import { cifarResNet } from "../../../bench/models/resnet20/keras.ts";
import { CifarResNet } from "../../../bench/models/resnet20/torch.ts";

export const name = "same_weights";

const [BLOCKS, WIDTH] = [1, 8];

/** The values of a weight, by its place: convolutions [out, in, height, width], dense layers [out, in]. */
function weight(place: number, [out, ...rest]: readonly number[]): Float32Array<ArrayBuffer> {
  const fanIn = rest.reduce((product, size) => product * size, 1);
  return new RandomStream(place).normal(out * fanIn, 0, Math.sqrt(2 / fanIn)) as Float32Array<
    ArrayBuffer
  >;
}

export function kerasModel(spec: KerasSpec): Model {
  const model = cifarResNet(spec, BLOCKS, WIDTH);
  model.trainableVariables.forEach((variable, i) => {
    if (variable.rank < 2) return;
    const order = variable.rank === 4 ? [3, 2, 0, 1] : [1, 0];
    const shape = order.map((axis) => variable.shape[axis]);
    const back = variable.rank === 4 ? [2, 3, 1, 0] : [1, 0];
    tf.tidy(() => variable.assign(tf.transpose(tf.tensor(weight(i, shape), shape), back)));
  });
  return model;
}

export class TorchModel extends CifarResNet {
  constructor(spec: ModelSpec) {
    super(spec, BLOCKS, WIDTH);
    noGrad(() =>
      this.parameters().forEach((parameter, i) => {
        const { shape } = parameter;
        if (shape.length > 1) parameter.copy_(fromArray(weight(i, shape), shape));
        else if (shape[0] === spec.classes) parameter.zero_(); // As Keras' dense layer has it.
      })
    );
  }
}
