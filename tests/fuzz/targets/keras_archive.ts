/** Keras' own files: `.keras` (a zip with JSON and HDF5 in it) and `.weights.h5`. */
import * as tf from "@tensorflow/tfjs";
import { keras } from "../../../mod.ts";
import { decodeArchive, encodeArchive } from "../../../keras_style/saving/keras_archive.ts";
import type { Random } from "../../../fixtures/random.ts";
import { mutatedBytes, mutatedJson, mutatedValue } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";
import { compiledModels, trainOnce, VariableWatch } from "./keras_model.ts";

/** A damaged archive: its bytes, or one of its members, packed again. */
async function mutatedArchive(bytes: Uint8Array, random: Random): Promise<Uint8Array> {
  if (random.below(3) === 0) return mutatedBytes(bytes, random);
  const archive = await decodeArchive(bytes);
  const json = (text: string) => mutatedJson(mutatedValue(JSON.parse(text), random), random);
  switch (random.below(4)) {
    case 0:
      return await encodeArchive({ ...archive, weights: mutatedBytes(archive.weights, random) });
    case 1:
      return await encodeArchive({ ...archive, metadata: json(archive.metadata) });
    default:
      return await encodeArchive({ ...archive, config: json(archive.config) });
  }
}

const target: Target = {
  name: "keras_archive",
  async prepare(folder) {
    const [archivePath, weightsPath] = [`${folder}/model.keras`, `${folder}/model.weights.h5`];
    const models = compiledModels();
    const seeds: Uint8Array[] = [];
    const weights: Uint8Array[] = [];
    for (const model of models) {
      await trainOnce(model);
      await model.save(archivePath);
      seeds.push(await Deno.readFile(archivePath));
      await model.saveWeights(weightsPath);
      weights.push(await Deno.readFile(weightsPath));
    }
    const names = String(namesBelow(folder));
    const stateOf = async (model: keras.Model) =>
      String(await Promise.all(model.weights.map((weight) => weight.data())));
    return async (random): Promise<Outcome> => {
      const kind = random.below(models.length);
      if (random.below(3) === 0) {
        await Deno.writeFile(weightsPath, mutatedBytes(weights[kind], random));
        const model = models[kind];
        const before = await stateOf(model);
        const read = await attempt(() => model.loadWeights(weightsPath), [weightsPath]);
        expect(String(namesBelow(folder)) === names, "files were made");
        if ("value" in read) return "taken";
        expect(await stateOf(model) === before, "a model changed although loadWeights failed");
        return "refused";
      }
      await Deno.writeFile(archivePath, await mutatedArchive(seeds[kind], random));
      const watch = new VariableWatch();
      const read = await attempt(() => keras.loadModel(archivePath), [archivePath]);
      expect(String(namesBelow(folder)) === names, "files were made");
      if ("error" in read) return watch.refused();
      await trainOnce(read.value);
      tf.dispose(watch.made());
      return "taken";
    };
  },
};

export default target;
