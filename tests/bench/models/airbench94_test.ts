/** What is special about airbench94: filters that are made of the training images and stay, norms that learn biases only. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { keras, models, torch } from "@tandem/tandem";
import { hashed, imageValues, toChannelsFirst } from "../../../bench/peers/same_batch.ts";
import { ParityError } from "../../../bench/parity/mod.ts";

const { TorchModel, initializeTorchModel } = await (await models.loadModel("airbench94")).torch!();
const { kerasModel, initializeKerasModel } = await (await models.loadModel("airbench94")).keras!();

const [count, size, classes] = [20, 10, 4];
const torchSpec = { inputShape: [3, size, size], classes };

/** Images whose neighbouring pixels are alike, as those of photographs. */
function smoothImages(): Float32Array {
  const noise = hashed(count * size * size * 3, 3);
  return imageValues(count, [size, size, 3]).map((value, i) => value + noise[Math.floor(i / 12)]);
}

Deno.test("the first layer's results of the images it was made of have a variance of one and vary alone, in both idioms", async () => {
  const pixels = smoothImages();
  const first = torch.fromArray(
    toChannelsFirst(pixels, [size, size, 3]),
    [count, 3, size, size],
  );
  const network = new TorchModel(torchSpec) as torch.nn.Module & { whiten: torch.nn.Conv2d };
  await initializeTorchModel!(network, first);
  const x = torch.noGrad(() => network.whiten(first)).permute(1, 0, 2, 3).flatten(1);
  const products = await x.matmul(x.t()).div(x.shape[1]).data() as Float32Array;
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 12; j++) {
      const expected = i === j ? 1 : 0;
      // What is added to the variances of the narrowest directions makes theirs a little less.
      assert(
        Math.abs(products[i * 24 + j] - expected) < 0.05,
        `${i}, ${j}: ${products[i * 24 + j]}`,
      );
      const mirrored = products[i * 24 + 12 + j];
      assert(Math.abs(mirrored + products[i * 24 + j]) < 1e-4, `${mirrored}`);
    }
  }
  for (const dataFormat of ["channelsLast", "channelsFirst"] as const) {
    const last = tf.tensor4d(pixels, [count, size, size, 3]);
    const images = dataFormat === "channelsFirst" ? tf.transpose(last, [0, 3, 1, 2]) : last;
    const model = kerasModel({ inputShape: images.shape.slice(1), classes, dataFormat });
    await initializeKerasModel!(model, images);
    const { kernel } = model.getLayer("whiten") as keras.layers.Conv2D;
    const own = await tf.transpose(kernel, [3, 2, 0, 1]).data();
    assertEquals(own, await network.whiten.weight.data() as Float32Array);
  }
});

Deno.test("training leaves the first layer's filters and the norms' weights as they are", async () => {
  const network = new TorchModel(torchSpec);
  const optimizer = new torch.optim.SGD(network.parameters(), { lr: 1, weightDecay: 0.1 });
  const values = async () =>
    Object.fromEntries(
      await Promise.all(
        network.namedParameters().map(async ([name, p]) => [name, [...await p.data()]]),
      ),
    );
  const before = await values();
  const loss = new torch.nn.CrossEntropyLoss()(
    network(torch.rand([8, 3, size, size])),
    torch.arange(8).remainder(classes),
  );
  loss.backward();
  await optimizer.step();
  const after = await values();
  const same = Object.keys(before).filter((name) =>
    before[name].every((value: number, i: number) => value === after[name][i])
  );
  const norms = [1, 2, 3].flatMap((i) => [`layers.${i}.norm1.weight`, `layers.${i}.norm2.weight`]);
  assertEquals(same.sort(), [...norms, "whiten.weight"].sort());

  const model = kerasModel({ inputShape: [size, size, 3], classes });
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 1 }),
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
  });
  const { kernel, bias } = model.getLayer("whiten") as keras.layers.Conv2D;
  const [first, firstBias] = [await kernel.data(), await bias!.data()].map((x) => x.slice());
  await model.trainOnBatch(
    { data: imageValues(8, [size, size, 3]), shape: [8, size, size, 3] },
    { data: Int32Array.from({ length: 8 }, (_, i) => i % classes), shape: [8] },
  );
  assertEquals(await kernel.data(), first);
  assert((await bias!.data()).some((value, i) => value !== firstBias[i]));
});

Deno.test("a norm's weight that is not 1 has no place in Keras' layer: all are named, nothing is changed", async () => {
  const network = new TorchModel(torchSpec);
  const state = network.stateDict();
  for (const name of ["layers.1.norm1.weight", "layers.3.norm2.weight"]) {
    state[name] = state[name].mul(0).add(2);
  }
  network.loadStateDict(state);
  const model = kerasModel({ inputShape: [size, size, 3], classes });
  const before = (await model.weights[2].data()).slice();
  const { message } = await assertRejects(() => models.convert(network, model), ParityError);
  assertEquals(
    message,
    "convert: layers.1.norm1.weight holds 2, Keras' layer has 1 instead; " +
      "layers.3.norm2.weight holds 2, Keras' layer has 1 instead",
  );
  assertEquals(await model.weights[2].data(), before);
  // The other way they become 1 again.
  await models.convert(model, network);
  const back = await network.stateDict()["layers.1.norm1.weight"].data() as Float32Array;
  assertEquals(back, new Float32Array(back.length).fill(1));
});
