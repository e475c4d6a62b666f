/** Networks of keras.applications against Python's Keras (tests/golden/keras_applications.py). */
import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { withZeroWeights } from "../../keras_style/layers/weight.ts";
import { toCamelCase } from "../../keras_style/naming.ts";
import golden from "../golden/keras_applications.json" with { type: "json" };
import { inFolder } from "../in_folder.ts";

const { applications } = keras;

interface GoldenModel {
  readonly name: keyof typeof applications;
  readonly variant: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly values: number;
  readonly trained: number;
  readonly layers: number;
  /** Of the configuration in the script's form. */
  readonly sha256: string;
}

/** Names of a variant: large networks are left to their structure alone. */
const models = golden.models as unknown as readonly GoldenModel[];

/** The script's form of a configuration: keys in order, no policies, numbers in millionths. */
function canonical(value: unknown): unknown {
  if (typeof value === "number") return Math.floor(value * 1e6 + 0.5);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const { class_name: name, config } = value as { class_name?: string; config: { name: string } };
  if (name === "DTypePolicy") return config.name;
  const left = ["shared_object_id", "build_config", "compile_config"];
  const entries = Object.entries(value).filter(([key]) => !left.includes(key))
    .map(([key, entry]) => [key, canonical(entry)] as const)
    .sort(([a], [b]) => a < b ? -1 : 1);
  const object = Object.fromEntries(entries);
  // Axes are a list there even where one is given.
  const settings = object.config as { axis?: unknown };
  if (name === "Normalization") settings.axis = [settings.axis].flat();
  return object;
}

async function fingerprint(model: keras.Model): Promise<string> {
  const text = JSON.stringify(canonical(JSON.parse(model.toJSON())));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

type Make = (options: keras.applications.ApplicationOptions) => keras.Model;

function make({ name, options }: GoldenModel): keras.Model {
  keras.clearSession();
  const own = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [toCamelCase(key), value]),
  );
  // Structure alone: no time goes into initial values.
  return withZeroWeights(() => {}, () => (applications[name] as Make)(own));
}

for (const name of new Set(models.map((model) => model.name))) {
  Deno.test(`keras.applications.${name} is Keras' network, name by name`, async () => {
    for (const expected of models.filter((model) => model.name === name)) {
      const model = make(expected);
      try {
        assertEquals(model.countParams(), expected.values, expected.variant);
        const trained = model.trainableWeights.reduce((sum, { size }) => sum + size, 0);
        assertEquals(trained, expected.trained, expected.variant);
        assertEquals(model.layers.length, expected.layers, expected.variant);
        assertEquals(await fingerprint(model), expected.sha256, expected.variant);
      } finally {
        tf.dispose(model.weights);
      }
    }
  });
}

Deno.test("images are prepared as Keras prepares them", async () => {
  const images = [[[[0, 127.5, 255], [10, 20, 30]]]];
  for (const [mode, expected] of Object.entries(golden.preprocessed)) {
    const { preprocessInput } = applications.imagenetUtils;
    const own = await preprocessInput(images, { mode: mode as "tf" }).data();
    expected.forEach((value, i) => assertAlmostEquals(own[i], value, 2e-5, `${mode} ${i}`));
  }
  const first = tf.transpose(tf.tensor4d(images), [0, 3, 1, 2]);
  const { preprocessInput } = applications.resnet;
  assertEquals(
    await tf.transpose(preprocessInput(first, { dataFormat: "channels_first" }), [0, 2, 3, 1])
      .array(),
    await preprocessInput(images).array(),
  );
});

Deno.test("predictions are decoded by the names that are given", async () => {
  const classIndex = { 0: ["n0", "cat"], 1: ["n1", "dog"], 2: ["n2", "owl"] } as const;
  const { decodePredictions } = applications.resnet50;
  assertEquals(await decodePredictions(tf.tensor2d([[0.25, 0.5, 0.25]]), { classIndex, top: 2 }), [
    [["n1", "dog", 0.5], ["n0", "cat", 0.25]],
  ]);
  await assertRejects(
    () => decodePredictions(tf.zeros([1, 2]), { classIndex }),
    RangeError,
    "predictions are [1,2], expected [n, 3]",
  );
});

Deno.test("weights come from a file, which has to fit; networks begin where they are told", () =>
  inFolder(async (folder) => {
    const { MobileNet } = applications;
    const small = { alpha: 0.25, inputShape: [32, 32, 3], classes: 3 } as const;
    const model = MobileNet(small);
    const x = tf.ones([1, 32, 32, 3]);
    const predictions = async (of: keras.Model) => await (of(x) as tf.Tensor).data();
    for (const ending of ["weights.h5", "keras", "safetensors"]) {
      const weights = `${folder}/model.${ending}`;
      if (ending === "weights.h5") await model.saveWeights(weights);
      else await model.save(weights);
      const loaded = await MobileNet({ ...small, weights });
      assertEquals(await predictions(loaded), await predictions(model));
      await assertRejects(
        () => MobileNet({ ...small, classes: 4, weights }),
        Error,
        "2 mismatches",
      );
    }
    const inputTensor = keras.Input({ shape: [32, 32, 1], name: "gray" });
    const three = keras.layers.Concatenate()([inputTensor, inputTensor, inputTensor]);
    const gray = MobileNet({ alpha: 0.25, classes: 3, inputTensor: three });
    assertEquals(gray.inputNames, ["gray"]);
    assertEquals(gray.outputs[0].shape, [null, 3]);
  }));

Deno.test("EfficientNet with Keras' published weights has the layer that they were trained with", () =>
  inFolder(async (folder) => {
    const { EfficientNetB0 } = applications;
    const options = { includeTop: false, inputShape: [32, 32, 3] } as const;
    const published = `${folder}/efficientnetb0_notop.h5`;
    await EfficientNetB0(options).saveWeights(`${folder}/any.weights.h5`);
    await Deno.rename(`${folder}/any.weights.h5`, published);
    keras.clearSession();
    const model = await EfficientNetB0({ ...options, weights: published });
    assertEquals(await fingerprint(model), golden.published);
  }));

Deno.test("what no network can be made of is refused by name", () => {
  const { ResNet50, Xception } = applications;
  type Options = keras.applications.ApplicationOptions;
  const cases: readonly [() => unknown, string][] = [
    [() => ResNet50({ weights: "imagenet" }), 'ResNet50: weights is "imagenet", expected null or'],
    [
      () => ResNet50({ include_top: false } as unknown as Options & { weights: null }),
      '"includeTop"',
    ],
    [() => ResNet50({ inputShape: [31, 32, 3] }), "inputShape is [31,32,3], expected rows"],
    [() => ResNet50({ inputShape: [null, null, 3] }), "inputShape is [null,null,3]"],
    [() => Xception({ inputShape: [70, 71, 3] }), "expected rows and columns of at least 71"],
    [() => ResNet50({ pooling: "sum" as "max" }), 'pooling is "sum", expected one of "avg", "max"'],
    [() => ResNet50({ classes: 0 }), "classes is 0, expected an integer of at least 1"],
  ];
  for (const [run, message] of cases) assertThrows(run, Error, message);
});
