/**
 * Makes a network in the PyTorch idiom, and says in one line why it cannot be made.
 * @module
 */
import { nn, noGrad, zeros } from "../../torch_style/mod.ts";
import { defaultGenerator } from "../../torch_style/random.ts";
import { type BenchModel, ModelError, type TorchModelClass } from "./bench_model.ts";
import { checkImage, checkOutput, type ClassifierSpec, inModel } from "./checked_network.ts";

/** @throws {ModelError} naming the model, or a user's file, that makes no classifier for these images and classes */
export function buildTorch(
  model: BenchModel,
  TorchModel: TorchModelClass,
  spec: ClassifierSpec,
): nn.Module {
  checkImage(model, spec.imageShape);
  const { imageShape: [height, width, channels], classes } = spec;
  const inputShape = [channels, height, width];
  const network = inModel(model, () => {
    const made: unknown = new TorchModel({ inputShape, classes });
    if (made instanceof nn.Module) return made as nn.Module;
    throw new ModelError(`TorchModel makes ${made}, expected a torch.nn.Module`);
  });
  checkOutput(model, spec, inModel(model, () => outputShape(network, inputShape)));
  return network;
}

/** The shape of what a network gives for one image. Nothing is computed, and no random numbers are used up. */
function outputShape(network: nn.Module, inputShape: readonly number[]): readonly number[] {
  const stream = defaultGenerator();
  const { state } = stream;
  network.eval();
  const output: unknown = noGrad(() => network(zeros([1, ...inputShape])));
  network.train();
  stream.state = state;
  const { shape } = output as { shape?: readonly number[] };
  if (shape) return shape;
  throw new ModelError(`forward gives ${output}, expected a tensor`);
}
