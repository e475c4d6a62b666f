/**
 * Weights from one idiom to the other, loaded when they are asked for: a trial of one idiom has no use for the other's engine, whose
 * code doubles what V8 has to look through in every collection.
 * @module
 */
import type { Model } from "../../keras_style/mod.ts";
import type { nn } from "../../torch_style/mod.ts";
import type { ConvertOptions } from "../parity/pairing/convert.ts";

export type { ConvertOptions } from "../parity/pairing/convert.ts";

/**
 * Gives a model the weights of the same network in the other idiom, running statistics too; layouts follow (PyTorch's
 * filters have channels first). PyTorch's count of batches stays as it is: Keras has none.
 *
 * @throws {ParityError} if a layer or module has no counterpart, or naming all weights whose shapes do not fit or that
 * only one of the two has; nothing is changed then
 *
 * @example
 * ```ts
 * import { models } from "@tandem/tandem";
 * const resnet = await models.loadModel("resnet20");
 * const { kerasModel } = await resnet.keras!();
 * const { TorchModel } = await resnet.torch!();
 * const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
 * const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
 * await models.convert(network, model); // The Keras model computes what the module does,
 * await models.convert(model, network); // and back.
 * ```
 */
export async function convert(
  from: Model | nn.AnyModule,
  to: Model | nn.AnyModule,
  options: ConvertOptions = {},
): Promise<void> {
  await (await import("../parity/pairing/convert.ts")).convert(from, to, options);
}
