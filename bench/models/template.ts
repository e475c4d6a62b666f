/**
 * The file that `bench init` writes: a model of one's own, ready to be trained and to be changed.
 * @module
 */

/** Where `bench init` writes unless it is told otherwise. */
export const templateFile = "my_model.ts";

/**
 * The text of the file.
 *
 * @param tandem what the file imports Tandem from: `@tandem/tandem`, or the address of `mod.ts`
 */
export function modelTemplate(tandem = "@tandem/tandem"): string {
  return `/**
 * A network in both idioms, for \`deno task bench --model ./${templateFile}\`.
 *
 * Both give logits: one value a class, before any softmax. Leave one of the two out, and only the other idiom is trained.
 */
import { keras, torch } from "${tandem}";

/** How the model is called in tables and files. */
export const name = "my_model";

/** In the Keras idiom. inputShape is [height, width, channels], such as [32, 32, 3]. */
export function kerasModel(
  { inputShape, classes }: { inputShape: readonly number[]; classes: number },
): keras.Model {
  const { layers } = keras;
  return new keras.Sequential([
    keras.Input({ shape: inputShape }),
    new layers.Conv2D({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: 2 }),
    new layers.Conv2D({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
    new layers.GlobalAveragePooling2D({}),
    new layers.Dropout({ rate: 0.2 }),
    new layers.Dense({ units: classes }),
  ]);
}

/** In the PyTorch idiom. inputShape is [channels, height, width], such as [3, 32, 32]. */
export class TorchModel extends torch.nn.Module {
  features: torch.nn.Sequential;
  dropout = new torch.nn.Dropout(0.2);
  head: torch.nn.Linear;

  constructor({ inputShape, classes }: { inputShape: readonly number[]; classes: number }) {
    super();
    const { nn } = torch;
    this.features = new nn.Sequential(
      new nn.Conv2d(inputShape[0], 16, 3, { padding: "same" }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3, { padding: "same" }),
      new nn.ReLU(),
      new nn.AdaptiveAvgPool2d(1),
    );
    this.head = new nn.Linear(32, classes);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return this.head(this.dropout(this.features(x).flatten(1)));
  }
}
`;
}
