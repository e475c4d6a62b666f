/**
 * Makes a network in the Keras idiom, and says in one line why it cannot be made.
 * @module
 */
import { type DataFormat, Model } from "../../keras_style/mod.ts";
import { type BenchModel, type KerasBuilder, ModelError } from "./bench_model.ts";
import { checkImage, checkOutput, type ClassifierSpec, inModel } from "./checked_network.ts";

/** @throws {ModelError} naming the model, or a user's file, that makes no classifier for these images and classes */
export function buildKeras(
  model: BenchModel,
  kerasModel: KerasBuilder,
  spec: ClassifierSpec,
  dataFormat: DataFormat = "channelsLast",
): Model {
  checkImage(model, spec.imageShape);
  const { imageShape: [height, width, channels], classes } = spec;
  const inputShape = dataFormat === "channelsFirst"
    ? [channels, height, width]
    : [height, width, channels];
  const network = inModel(model, () => {
    const made = kerasModel({ inputShape, classes, dataFormat });
    if (!(made instanceof Model)) {
      throw new ModelError(`kerasModel gives ${made}, expected a keras.Model`);
    }
    made.build([null, ...inputShape]);
    return made;
  });
  const outputs = network.outputSpecs;
  checkOutput(model, spec, outputs.length === 1 ? [...outputs[0].shape] : [outputs.length]);
  return network;
}

/** A builder that does not pass `dataFormat` on would take rows for channels and train something else. */
export function refuseIgnoredFormat(
  model: BenchModel,
  kerasModel: KerasBuilder,
  spec: ClassifierSpec,
): void {
  const [first, last] = (["channelsFirst", "channelsLast"] as const).map((format) => {
    const network = buildKeras(model, kerasModel, spec, format);
    const count = network.countParams();
    for (const variable of network.variables) variable.dispose();
    return count;
  });
  if (first === last) return;
  throw new ModelError(
    `${model.file ?? `model ${model.name}`}: kerasModel does not pass dataFormat on to its ` +
      `layers: ${first} parameters channels-first, ${last} channels-last`,
  );
}
