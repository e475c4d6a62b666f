/** The examples train: as they are, on little data. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import * as builtInMethods from "../../../keras_style/examples/built_in_methods.ts";
import * as cifarCnn from "../../../keras_style/examples/cifar_cnn.ts";
import * as cifarResnet from "../../../keras_style/examples/cifar_resnet.ts";
import * as convmixer from "../../../keras_style/examples/convmixer.ts";
import * as distillation from "../../../keras_style/examples/distillation.ts";
import * as functionalApi from "../../../keras_style/examples/functional_api.ts";
import * as gan from "../../../keras_style/examples/gan_train_step.ts";
import * as imageClassification from "../../../keras_style/examples/image_classification.ts";
import * as mixup from "../../../keras_style/examples/mixup.ts";
import * as mlpMixer from "../../../keras_style/examples/mlp_mixer.ts";
import * as mnist from "../../../keras_style/examples/mnist_convnet.ts";
import * as ownCallbacks from "../../../keras_style/examples/own_callbacks.ts";
import * as ownLayers from "../../../keras_style/examples/own_layers.ts";
import * as subclassed from "../../../keras_style/examples/subclassed_model.ts";
import * as trainingLoop from "../../../keras_style/examples/training_loop.ts";
import * as transfer from "../../../keras_style/examples/transfer_learning.ts";
import * as vit from "../../../keras_style/examples/vit.ts";

const lines: string[] = [];
const print = (...values: unknown[]) => void lines.push(values.join(" "));

/** "… 2.4527 -> 1.3357" */
function assertFell(line: string): void {
  const [, first, last] = line.match(/([\d.]+) -> ([\d.]+)/) ?? [];
  assertLess(Number(last), Number(first), line);
}

/** Ten classes: by chance a tenth is right. */
const ACCURACY = 0.2;

const programs: Record<string, () => Promise<void>> = {
  mnist_convnet: async () => assertGreater((await mnist.main(print)).accuracy, ACCURACY),
  cifar_cnn: async () => assertGreater(await cifarCnn.main(print), ACCURACY),
  image_classification: async () => {
    // Too few steps for the moving statistics, which validation goes by.
    await imageClassification.main(print, { epochs: 5 });
    const losses = lines.filter((line) => line.startsWith("epoch")).map((line) =>
      +line.split("loss ")[1]
    );
    assertLess(losses.at(-1)!, 0.8 * losses[0]);
    assert(lines.some((line) => /^The first image is [\d.]+% disc and/.test(line)));
  },
  vit: async () => {
    const [, topFive] = await vit.main(print, { epochs: 4 });
    assertGreater(topFive, 0.4);
    assertFell(lines[0]);
  },
  mlp_mixer: async () => assertGreater((await mlpMixer.main(print))[0], ACCURACY),
  convmixer: async () => {
    await convmixer.main(print);
    assertFell(lines[0]);
  },
  cifar_resnet: async () => {
    const [first, ...losses] = await cifarResnet.main(print);
    assertLess(losses.at(-1)!, first);
    assertEquals(lines[0], "ResNet8v1: 78666 parameters");
  },
  gan_train_step: async () => {
    const { d_loss, g_loss } = await gan.main(print);
    assertEquals([d_loss.length, g_loss.length], [3, 3]);
    assertLess(d_loss[2], d_loss[0]);
  },
  training_loop: async () => {
    assertEquals((await trainingLoop.main(print)).length, 3);
    const losses = lines.filter((line) => line.startsWith("Training loss"))
      .map((line) => Number(line.split(": ")[1]));
    assertLess(losses.at(-1)!, losses[0]);
  },
  transfer_learning: async () => {
    const [, tuned] = await transfer.main(print);
    assertGreater(tuned, 0.55);
    assertEquals(lines[0], "2 weights are trained, 12 there are");
    assertEquals(lines[2], "8 weights are trained");
  },
  functional_api: async () => {
    const history = await functionalApi.main(print);
    assertLess(history.loss.at(-1)!, history.loss[0]);
    assertEquals(lines[0], "inputs: title, body, tags; outputs: priority, department");
    assertEquals(lines.at(-1), "features: [2,14,14,8] [2,7,7,8] [2,5,5,16] [2,16]");
  },
  own_layers: async () => {
    assertEquals(await ownLayers.main(print), 0);
    assertEquals(lines.slice(0, 5), [
      "sums: 2,2 then 4,4",
      "1 weight, 0 of them trained",
      "6 weights, 1 loss of its own",
      "dropped while training: true",
      "and otherwise: false",
    ]);
    assertFell(lines[5]);
  },
  subclassed_model: async () => {
    const losses = await subclassed.main(print);
    assertLess(losses.at(-1)!, 0.8 * losses[0]);
  },
  mixup: async () => {
    await mixup.main(print);
    for (const line of lines.filter((line) => line.includes("->"))) assertFell(line);
  },
  distillation: async () => {
    const { teacher, distilled } = await distillation.main(print);
    assertGreater(teacher, ACCURACY);
    assertGreater(distilled, ACCURACY);
  },
  own_callbacks: async () => {
    const { rates, stoppedEpoch, events } = await ownCallbacks.main(print);
    assertEquals(
      rates,
      [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.01, 0.01].map((rate, i) =>
        i === 0 || rate !== rates[i] ? Math.fround(rate) : rate
      ),
    );
    assertGreater(stoppedEpoch, 0);
    assertEquals(events.length, 8);
  },
  built_in_methods: async () => {
    const losses = await builtInMethods.main(print);
    assertLess(losses.at(-1)!, losses[0]);
    assert(lines[1].startsWith("written: logs, model_1.safetensors"), lines[1]);
    assertFell(lines[3]);
  },
};

for (const [name, run] of Object.entries(programs)) {
  Deno.test(`${name} trains`, async () => {
    lines.length = 0;
    await run();
  });
}
