/**
 * The parts of a training step in the PyTorch idiom.
 * @module
 */
import { evaluate } from "../../../onnx/mod.ts";
import type { data } from "../../../torch_style/mod.ts";
import { splitOf } from "../profile.ts";
import type { StepSplit } from "../style.ts";
import type { TorchClassifier } from "./classifier.ts";

/** Takes the times of a step's parts on a batch. The weights go on from where they are. */
export async function torchSplit(
  classifier: TorchClassifier,
  [images, labels]: data.Sample,
): Promise<StepSplit> {
  const { network, criterion, optimizer } = classifier;
  const lossOf = () => {
    network.train();
    optimizer.zeroGrad();
    return criterion(network(images), labels);
  };
  return await splitOf({
    forward: () => evaluate([lossOf().array]),
    gradients: async () => {
      const loss = lossOf();
      loss.backward();
      const gradients = network.parameters().flatMap(({ grad }) => grad ? [grad.array] : []);
      await evaluate([loss.array, ...gradients]);
    },
    step: async () => {
      const loss = lossOf();
      loss.backward();
      await optimizer.step();
      await loss.item();
    },
  });
}
