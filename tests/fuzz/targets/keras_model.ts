/** Whole models of the Keras idiom: `keras.loadModel` and `modelFromJSON`. */
import * as tf from "@tensorflow/tfjs";
import { keras } from "../../../mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { mutatedJson, mutatedValue, pick } from "../mutation.ts";
import { attempt, expect, type Outcome, type Target } from "../target.ts";
import { fileOf, mutatedFile, partsOf } from "./safetensors.ts";

const { layers } = keras;

/** Two small models, compiled. */
export function compiledModels(): keras.Model[] {
  const dense = new keras.Sequential([
    keras.Input({ shape: [4] }),
    new layers.Dense({ units: 3, activation: "relu" }),
    new layers.Dropout({ rate: 0.2 }),
    new layers.Dense({ units: 2, activation: "softmax" }),
  ]);
  dense.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const images = new keras.Sequential([
    keras.Input({ shape: [4, 4, 1] }),
    new layers.Conv2D({ filters: 2, kernelSize: 3, padding: "same" }),
    new layers.BatchNormalization(),
    new layers.MaxPooling2D({ poolSize: 2 }),
    new layers.Flatten(),
    new layers.Dense({ units: 1 }),
  ]);
  images.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.1, momentum: 0.9 }),
    loss: "mse",
  });
  return [dense, images];
}

/** Watches which variables are made. */
export class VariableWatch {
  readonly #before = new Set(variables());

  /** Those that were made since. */
  made(): tf.Variable[] {
    return variables().filter((variable) => !this.#before.has(variable));
  }

  /** After a model that could not be made none is left. */
  refused(): Outcome {
    const left = this.made();
    tf.dispose(left);
    expect(left.length === 0, `${left.length} variables of a model that was not made are left`);
    return "refused";
  }
}

function variables(): tf.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}

/** A damaged file: mostly the text that describes the model. */
function mutatedModel(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (random.below(3) === 0) return mutatedFile(file, random);
  const { header, content } = partsOf(file);
  const { tandem: text } = header.__metadata__ as Record<string, string>;
  const tandem = mutatedJson(mutatedValue(JSON.parse(text), random), random);
  return fileOf(JSON.stringify({ ...header, __metadata__: { tandem } }), content);
}

/** One step on ones; what does not fit together may be refused here too, in words. */
export async function trainOnce(model: keras.Model): Promise<void> {
  const sizes = [...model.inputSpecs, ...model.outputSpecs].flatMap(({ shape }) => [...shape]);
  if (sizes.reduce<number>((product, size) => product * (size ?? 1), 1) > 1e6) return;
  const ones = (shape: readonly (number | null)[]) => tf.ones(shape.map((size) => size ?? 2));
  const [x, y] = [ones(model.inputSpecs[0].shape), ones(model.outputSpecs[0].shape)];
  try {
    if (model.isCompiled) await attempt(() => model.trainOnBatch(x, y));
    else await attempt(async () => tf.dispose(await model.predict(x, { verbose: 0 })));
  } finally {
    tf.dispose([x, y]);
  }
}

const target: Target = {
  name: "keras_model",
  async prepare(folder) {
    const path = `${folder}/model.safetensors`;
    const seeds: Uint8Array[] = [];
    const texts: string[] = [];
    for (const model of compiledModels()) {
      await trainOnce(model);
      await model.save(path);
      seeds.push(await Deno.readFile(path));
      texts.push(model.toJSON());
    }
    return async (random): Promise<Outcome> => {
      const watch = new VariableWatch();
      if (random.below(4) === 0) {
        const json = mutatedJson(mutatedValue(JSON.parse(pick(random, texts)), random), random);
        // Somebody's own text that asks for much memory gets it.
        if (/\d{5}|\de/.test(json)) return "refused";
        const read = await attempt(() => keras.modelFromJSON(json));
        if ("error" in read) return watch.refused();
        tf.dispose(watch.made());
        return "taken";
      }
      await Deno.writeFile(path, mutatedModel(pick(random, seeds), random));
      const result = await attempt(() => keras.loadModel(path), [path]);
      if ("error" in result) return watch.refused();
      await trainOnce(result.value);
      tf.dispose(watch.made());
      return "taken";
    };
  },
};

export default target;
