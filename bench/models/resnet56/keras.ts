/** ResNet-56 for small images, in Keras' idiom. @module */
import type { Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { cifarResNet } from "../resnet20/keras.ts";

/** Fifty-six layers: images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel(spec: KerasSpec): Model {
  return cifarResNet(spec, 9);
}
