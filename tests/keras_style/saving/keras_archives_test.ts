/** Files of Python's Keras (tests/golden/keras_archives.py): loaded, trained on, and written again as Python writes them. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { parseJson } from "../../../keras_style/saving/json_text.ts";
import { type Hdf5Reader, readHdf5 } from "../../../keras_style/saving/hdf5.ts";
import { decodeArchive } from "../../../keras_style/saving/keras_archive.ts";
import index from "../../golden/keras_archives/index.json" with { type: "json" };
import { inFolder } from "../../in_folder.ts";

interface Golden {
  readonly file: string;
  /** Shapes: of one input, or by name. */
  readonly inputs: readonly number[] | Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  /** Losses of two more epochs. */
  readonly next?: {
    readonly x: readonly (readonly number[])[];
    readonly y: readonly number[];
    readonly loss: readonly number[];
  };
}

const { layers } = keras;
const folder = new URL("../../golden/keras_archives/", import.meta.url);

/** The script's class `Scaled`. */
class Scaled extends layers.Layer {
  readonly units: number;
  readonly innerDense: keras.layers.Dense;
  scale!: keras.layers.Weight;

  constructor({ units, ...options }: { readonly units: number }) {
    super(options);
    this.units = units;
    this.innerDense = new layers.Dense({ units });
  }

  override build(inputShape: readonly (number | null)[]): void {
    this.innerDense.build(inputShape);
    this.scale = this.addWeight({ name: "scale", initializer: "ones" });
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.mul(this.innerDense(x), this.scale);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}
keras.utils.registerKerasSerializable(Scaled, { package: "mine" });

/** The script's class `Größe`. */
class Größe extends Scaled {
  readonly überLänge: keras.layers.Dense;

  constructor(options: { readonly units: number }) {
    super(options);
    this.überLänge = new layers.Dense({ units: this.units });
  }

  override build(inputShape: readonly (number | null)[]): void {
    super.build(inputShape);
    this.überLänge.build(inputShape);
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.add(super.call(x), this.überLänge(x));
  }
}
keras.utils.registerKerasSerializable(Größe, { package: "mine" });

/** The script's class `Blocks`. */
class Blocks extends keras.Model {
  readonly dense1 = new layers.Dense({ units: 3 });
  readonly zDense = new layers.Dense({ units: 2 });
  readonly blocks = [
    new layers.Dense({ units: 2 }),
    new layers.Dense({ units: 2 }),
    [new layers.Dense({ units: 2 })],
  ] as const;
  readonly _own = new layers.Dense({ units: 2 });
  readonly named = { a: new layers.Dense({ units: 2 }) };

  override call(x: tf.Tensor): tf.Tensor {
    const [first, second, [third]] = this.blocks;
    return this.named.a(this._own(third(second(first(this.zDense(this.dense1(x)))))));
  }
}

function sines(shape: readonly number[]): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.7)), [...shape]);
}

async function load(file: string): Promise<keras.Model> {
  keras.clearSession();
  if (file.endsWith(".keras")) return await keras.loadModel(new URL(file, folder));
  const model = new Blocks();
  model.build([null, 4]);
  await model.loadWeights(new URL(file, folder));
  return model;
}

async function checkOutputs(model: keras.Model, { inputs, outputs }: Golden): Promise<void> {
  const given = Array.isArray(inputs)
    ? sines(inputs)
    : Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, sines(shape)]));
  const result = model(given as tf.Tensor, { training: false }) as unknown;
  const named = (result instanceof tf.Tensor ? { output: result } : result) as Record<
    string,
    tf.Tensor
  >;
  assertEquals(Object.keys(named), Object.keys(outputs));
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    assertEquals(named[name].shape, shape, name);
    const own = await named[name].data();
    values.forEach((value, i) => assertAlmostEquals(own[i], value, 2e-6, `${name}[${i}]`));
  }
}

/** An archive's JSON, without what differs from run to run: addresses, and what only some layers have there. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "number") return Math.fround(value);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  // Keras keeps what layers without weights were built for, or does not.
  const left = ["shared_object_id", "build_config", "jit_compile"];
  const entries = Object.entries(object).filter(([name]) => !left.includes(name));
  const plain = Object.fromEntries(entries.map(([name, entry]) => [name, comparable(entry)]));
  const config = plain.config as Record<string, unknown>;
  if (JSON.stringify(plain.compile_config) === "{}") delete plain.compile_config;
  // Axes: one there is a list, and known once the layer is built.
  if (object.class_name === "Normalization") config.axis = [config.axis].flat();
  if (object.class_name === "MultiHeadAttention") config.attention_axes = null;
  // What is null is left out of operations here.
  if (String(object.module).startsWith("keras.src.ops")) {
    for (const settings of [config, ...plain.inbound_nodes as Nodes]) dropNulls(settings);
  }
  // Keras says of calls of models that there is no mask.
  const kwargs = plain.kwargs as Record<string, unknown> | undefined;
  if (kwargs?.mask === null) delete kwargs.mask;
  return plain;
}

type Nodes = { kwargs: Record<string, unknown> }[];

function dropNulls(settings: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === null) delete settings[name];
    else if (name === "kwargs") dropNulls(value as Record<string, unknown>);
  }
}

/** Groups, arrays with their types, and names. */
function treeOf({ arrays, attribute }: Hdf5Reader): string[] {
  const lines = [...arrays].map(([path, { shape, dtype }]) => `${path} ${dtype}[${shape}]`);
  const groups = new Set([...arrays.keys()].map((path) => path.replace(/\/\d+$/, "")));
  return [...lines, ...[...groups].map((path) => `${path}: ${attribute(path, "name")}`)].sort();
}

async function contentOf(path: string | URL) {
  const bytes = await Deno.readFile(path);
  if (!String(path).endsWith(".keras")) return { tree: await readHdf5(bytes, "it", treeOf) };
  const { config, weights } = await decodeArchive(bytes);
  return { config: comparable(parseJson(config)), tree: await readHdf5(weights, "it", treeOf) };
}

// Files of Keras 2 are keras_files_refused_test.ts' matter.
const written = (index as unknown as readonly Golden[])
  .filter(({ file }) => !file.startsWith("legacy"));

for (const golden of written) {
  const { file, next } = golden;
  Deno.test(`Keras' ${file} computes what it computes there, and is written as there`, () =>
    inFolder(async (target) => {
      const model = await load(file);
      await checkOutputs(model, golden);
      if (file.endsWith(".keras")) await model.save(`${target}/${file}`);
      else await model.saveWeights(`${target}/${file}`);
      const [own, python] = [
        await contentOf(`${target}/${file}`),
        await contentOf(new URL(file, folder)),
      ];
      assertEquals(own.tree, python.tree);
      assertEquals(own.config, python.config);
      if (!next) return;
      // The optimizer goes on from its state.
      const options = { epochs: 2, shuffle: false, batchSize: 3, verbose: 0 } as const;
      const { history } = await model.fit(next.x as number[][], next.y as number[], options);
      next.loss.forEach((loss, i) => assertAlmostEquals(history.loss[i], loss, 2e-6));
    }));
}
