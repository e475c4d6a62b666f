/**
 * What holds for every network of the bench: one training step is PyTorch's in both idioms, weights go to the other idiom and
 * back, an exported file gives the same logits.
 */
import { assert, assertEquals } from "@std/assert";
import { convert, loadModel } from "../../../bench/models/mod.ts";
import { weightsOf } from "../../../bench/parity/pairing/convert.ts";
import {
  readWeights,
  type WeightPair,
  wholeTensors,
} from "../../../bench/parity/pairing/weight_pairs.ts";
import {
  hashed,
  imageValues,
  labelValues,
  toChannelsFirst,
} from "../../../bench/peers/same_batch.ts";
import * as keras from "../../../keras_style/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import golden from "../../golden/networks.json" with { type: "json" };
import { inFolder } from "../../in_folder.ts";

/** A tensor's norm, and its products with two fixed vectors. */
type Summary = number[];

interface Golden {
  readonly size: number;
  readonly batch: number;
  readonly loss: number;
  /** How far PyTorch's own float32 is from these values, relative to the norms. */
  readonly rounding: number;
  readonly gradients: Readonly<Record<string, Summary>>;
  readonly statistics: Readonly<Record<string, Summary>>;
  /** Values of a feature that each batch norm counts, and how much of the new statistic it takes. */
  readonly counts: Readonly<Record<string, readonly [count: number, momentum: number]>>;
}

const CLASSES = 10;

function goldenOf(name: string): Golden {
  const found = (golden as unknown as Record<string, Golden>)[name];
  assert(found, `${name} is not in networks.json: run tests/golden/networks.py`);
  return found;
}

/** The values that networks.py gives a parameter or statistic. */
function formula(name: string, shape: readonly number[], seed: number): Float32Array {
  const u = hashed(shape.reduce((size, dimension) => size * dimension, 1), seed);
  if (shape.length > 1) {
    const inputs = shape.slice(1).reduce((size, dimension) => size * dimension, 1);
    return u.map((value) => (2 * value - 1) * Math.sqrt(6 / inputs));
  }
  const isScale = /(weight|gamma|running_var)$/.test(name);
  return u.map((value) => isScale ? 0.5 + value : 0.2 * (2 * value - 1));
}

function summary(values: Float32Array): Summary {
  const dot = (seed: number) => {
    const vector = hashed(values.length, seed);
    return values.reduce((sum, value, i) => sum + value * (2 * vector[i] - 1), 0);
  };
  return [Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)), dot(5), dot(6)];
}

/** Below it gradients are 0: those of a bias before a batch norm. */
const LEAST_NORM = 1e-2;

/** @param allowed how far apart values may be */
function assertClose(what: string, actual: Summary, expected: Summary, allowed: number): void {
  const distance = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert(distance <= allowed, `${what}: ${actual}, expected ${expected} to ${allowed}`);
}

async function valuesOf(tensor: torch.Tensor): Promise<Float32Array> {
  return await tensor.detach().data() as Float32Array;
}

async function formulaNetwork(name: string, { size }: Golden): Promise<torch.nn.Module> {
  const { TorchModel } = await (await loadModel(name)).torch!();
  const network = new TorchModel({ inputShape: [3, size, size], classes: CLASSES });
  const state = network.stateDict();
  const fixed = fixedWeights(network);
  const names = Object.keys(state)
    .filter((key) => state[key].dtype === "float32" && !fixed.has(key)).sort();
  names.forEach((key, i) => {
    const { shape } = state[key];
    state[key] = torch.fromArray(formula(key, shape, 10 + i), shape);
  });
  network.loadStateDict(state);
  return network;
}

/** A norm's weights that are not trained stay 1: Keras' layer has none. */
function fixedWeights(network: torch.nn.Module): Set<string> {
  const fixed = network.namedParameters().filter(([, p]) =>
    p.shape.length === 1 && !p.requiresGrad
  );
  return new Set(fixed.map(([name]) => name));
}

/** What a step gave. */
interface Step {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly statistics: ReadonlyMap<string, Float32Array>;
}

async function torchStep(network: torch.nn.Module, { size, batch }: Golden): Promise<Step> {
  network.train();
  const dropping = /Dropout|StochasticDepth/;
  network.modules().filter((m) => dropping.test(m.constructor.name)).forEach((m) => m.eval());
  const pixels = toChannelsFirst(imageValues(batch, [size, size, 3]), [size, size, 3]);
  const images = torch.fromArray(pixels, [batch, 3, size, size]);
  const labels = torch.tensor(labelValues(batch, CLASSES));
  const loss = new torch.nn.CrossEntropyLoss()(network(images), labels);
  loss.backward();
  const all = async (entries: readonly (readonly [string, torch.Tensor])[]) =>
    new Map(
      await Promise.all(entries.map(async ([name, x]) => [name, await valuesOf(x)] as const)),
    );
  return {
    loss: await loss.item(),
    gradients: await all(
      network.namedParameters().filter(([, p]) => p.requiresGrad).map(([name, p]) =>
        [name, p.grad!] as const
      ),
    ),
    statistics: await all(network.namedBuffers().filter(([name]) => /running/.test(name))),
  };
}

/** The same step in the Keras idiom; gradients and statistics are laid out and named as PyTorch's. */
async function kerasStep(
  name: string,
  network: torch.nn.Module,
  { size, batch }: Golden,
): Promise<Step> {
  const { kerasModel } = await (await loadModel(name)).keras!();
  const model = kerasModel({ inputShape: [size, size, 3], classes: CLASSES });
  await convert(network, model);
  for (const layer of model.layers) {
    if (layer instanceof keras.layers.Dropout) Object.assign(layer, { rate: 0 });
  }
  const weights = weightsOf(model, network);
  const trained = weights.both.filter(({ variable }) => variable.trainable);
  const x = tf.tensor(imageValues(batch, [size, size, 3]), [batch, size, size, 3]);
  const y = tf.tensor1d(labelValues(batch, CLASSES), "int32");
  using tape = new keras.GradientTape();
  const lossOf = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
  const loss = lossOf(y, model(x, { training: true }) as tf.Tensor);
  const gradients = tape.gradient(loss, trained.map(({ variable }) => variable));
  const entries = await Promise.all(
    gradients.map(async (gradient, i) =>
      [trained[i], await gradient!.data() as Float32Array] as const
    ),
  );
  const counted = weights.both.filter(({ statistic }) => statistic);
  const values = await readWeights(weights);
  const step = {
    loss: (await loss.data())[0],
    gradients: named(network, new Map(entries)),
    statistics: named(network, new Map(counted.map((weight) => [weight, values.get(weight)!]))),
  };
  tf.dispose([x, y, loss, ...gradients as tf.Tensor[]]);
  return step;
}

function named(network: torch.nn.Module, values: ReadonlyMap<WeightPair, Float32Array>) {
  const whole = wholeTensors(values);
  const all = [...network.namedParameters(), ...network.namedBuffers()];
  return new Map(
    all.filter(([, tensor]) => whole.has(tensor)).map(([name, x]) => [name, whole.get(x)!]),
  );
}

/** PyTorch's statistic as Keras counts it: the variance is that of the batch, not of a sample. */
function asKeras(name: string, after: Summary, before: Summary, { counts }: Golden): Summary {
  if (!name.endsWith("running_var")) return after;
  const [n, momentum] = counts[name.slice(0, name.lastIndexOf("."))];
  const kept = before.map((sum) => (1 - momentum) * sum);
  return after.map((sum, i) => kept[i] + (sum - kept[i]) * (n - 1) / n);
}

/** One step of a network in both idioms against PyTorch's loss, gradients and running statistics. */
export async function checkStep(name: string): Promise<void> {
  const expected = goldenOf(name);
  const tolerance = Math.max(1e-4, 4 * expected.rounding);
  const allowed = (norm: number) => tolerance * Math.max(norm, LEAST_NORM);
  const network = await formulaNetwork(name, expected);
  const before = new Map(
    await Promise.all(
      network.namedBuffers().filter(([key]) => /running/.test(key))
        .map(async ([key, x]) => [key, summary(await valuesOf(x))] as const),
    ),
  );
  // The Keras model first: the other step changes the running statistics that it is given.
  const keras = await kerasStep(name, network, expected);
  const torch = await torchStep(network, expected);
  for (const [idiom, step] of Object.entries({ keras, torch })) {
    const at = (part: string) => `${name} in ${idiom}_style, ${part}`;
    assertClose(at("loss"), [step.loss], [expected.loss], allowed(expected.loss));
    assertEquals([...step.gradients.keys()].sort(), Object.keys(expected.gradients).sort());
    assertEquals([...step.statistics.keys()].sort(), Object.keys(expected.statistics).sort());
    for (const [key, values] of step.gradients) {
      const reference = expected.gradients[key];
      assertClose(at(`gradient of ${key}`), summary(values), reference, allowed(reference[0]));
    }
    for (const [key, values] of step.statistics) {
      const after = expected.statistics[key];
      const reference = idiom === "keras" ? asKeras(key, after, before.get(key)!, expected) : after;
      // The norm of a sum is no sum of norms.
      assertClose(at(key), summary(values).slice(1), reference.slice(1), allowed(after[0]));
    }
  }
}

/** Logits of both idioms and of both exported files, from the same weights; the weights go back bit for bit. */
export async function checkWeightsAndFiles(name: string): Promise<void> {
  const { size, batch } = goldenOf(name);
  const network = await formulaNetwork(name, goldenOf(name));
  const entry = await loadModel(name);
  const { kerasModel } = await entry.keras!();
  const model = kerasModel({ inputShape: [size, size, 3], classes: CLASSES });
  await convert(network, model);
  const { TorchModel } = await entry.torch!();
  const other = new TorchModel({ inputShape: [3, size, size], classes: CLASSES });
  await convert(model, other);
  const returned = other.stateDict();
  for (const [key, tensor] of Object.entries(network.stateDict())) {
    if (tensor.dtype !== "float32") continue;
    const [own, back] = await Promise.all([valuesOf(tensor), valuesOf(returned[key])]);
    assert(own.every((value, i) => Object.is(value, back[i])), `${name}: ${key} came back changed`);
  }
  const images = imageValues(batch, [size, size, 3]);
  const first = toChannelsFirst(images, [size, size, 3]);
  network.eval();
  const logits = await torch.noGrad(() => network(torch.fromArray(first, [batch, 3, size, size])))
    .data() as Float32Array;
  const predicted = await model.predictOnBatch({ data: images, shape: [batch, size, size, 3] });
  const same = (what: string, values: ArrayLike<number>) => {
    const allowed = 1e-4 * Math.max(...logits.map(Math.abs));
    assertClose(`${name}, ${what}`, Array.from(values), [...logits], allowed);
  };
  same("keras_style", await predicted.data());
  predicted.dispose();
  await inFolder(async (folder) => {
    await torch.onnx.export(network, torch.zeros([1, 3, size, size]), `${folder}/torch.onnx`);
    await model.export(`${folder}/keras.onnx`);
    const run = async (file: string, data: Float32Array, shape: number[]) => {
      const session = await ort.InferenceSession.create(`${folder}/${file}`);
      const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", data, shape) };
      const results = await session.run(feeds);
      await session.release();
      return results[session.outputNames[0]].data as Float32Array;
    };
    same("torch_style's file", await run("torch.onnx", first, [batch, 3, size, size]));
    same("keras_style's file", await run("keras.onnx", images, [batch, size, size, 3]));
  });
}
