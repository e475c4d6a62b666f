/**
 * A model with branches as a table and as an image: an Inception block, and two heads.
 *
 *   deno run --permission-set=default keras_style/examples/plot_model.ts
 * @module
 */
import { keras } from "@tandem/tandem";

const { layers } = keras;

/** Images to ten classes, layer after layer. */
function plainModel(): keras.Model {
  return new keras.Sequential([
    keras.Input({ shape: [32, 32, 3] }),
    new layers.Conv2D({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: 2 }),
    new layers.Flatten(),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ]);
}

/** Images to ten classes and to one number: three branches side by side, then two heads. */
export function branchedModel(): keras.Model {
  const images = keras.Input({ shape: [32, 32, 3], name: "images" });
  const narrow = new layers.Conv2D({ filters: 8, kernelSize: 1, activation: "relu" })(images);
  const reduced = new layers.Conv2D({ filters: 4, kernelSize: 1, activation: "relu" })(images);
  const wide = new layers.Conv2D({
    filters: 16,
    kernelSize: 3,
    padding: "same",
    activation: "relu",
  })(reduced);
  const pooled = new layers.MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" })(images);
  const joined = new layers.Concatenate()([narrow, wide, pooled]);
  const features = new layers.GlobalAveragePooling2D()(joined);
  const kind = new layers.Dense({ units: 10, activation: "softmax", name: "kind" })(features);
  const size = new layers.Dense({ units: 1, name: "size" })(features);
  return new keras.Model({ inputs: images, outputs: [kind, size], name: "inception" });
}

/** Prints the tables of two models and writes their images into a folder. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  folder = "report/examples",
): Promise<void> {
  keras.clearSession();
  for (
    const [name, model] of [["plain", plainModel()], [
      "inception",
      branchedModel(),
    ]] as const
  ) {
    model.summary({ printFn: print });
    const { files } = await keras.plotModel(model, `${folder}/${name}.png`);
    print("written:", files.join(", "));
  }
}

if (import.meta.main) await main();
