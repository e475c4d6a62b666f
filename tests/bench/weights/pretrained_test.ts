/** `--weights`: trainings in all styles begin with a file's weights; what does not fit the data ends the command before any. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import sharp from "sharp";
import { loadModel } from "../../../bench/models/mod.ts";
import { kerasOf, torchOf } from "../../../bench/weights/load_weights.ts";
import { saveTorchState } from "../../../bench/weights/torch_state.ts";
import * as torch from "../../../torch_style/mod.ts";
import type { RecipeChange } from "../../../bench/recipes/mod.ts";
import { inFolder } from "../../in_folder.ts";
import { run, runHere } from "../bench_process.ts";
import { trial } from "../runner/trial_requests.ts";

async function savedNetwork(folder: string, name: string, imageShape: number[], classes = 10) {
  const model = await loadModel(name);
  torch.manualSeed(9);
  const path = `${folder}/${name}.safetensors`;
  await saveTorchState(model, await torchOf({ model, imageShape, classes }), path, "own");
  return path;
}

Deno.test("a training of all styles begins with the same loss from the same file, whatever its seed", () =>
  inFolder(async (folder) => {
    const imageShape = [16, 16, 1] as [number, number, number];
    const weights = await savedNetwork(folder, "lenet5", imageShape);
    // A rate at which nothing is learnt.
    const sgd = { name: "SGD", momentum: 0, nesterov: false } as const;
    const change: RecipeChange = {
      keras: { optimizer: { ...sgd, learningRate: 1e-9 }, inputRange: [0, 1] },
      torch: { optimizer: { ...sgd, lr: 1e-9 }, inputRange: [0, 1] },
    };
    const lossOf = async (style: "keras" | "keras-advanced" | "torch", seed: number, more = {}) => {
      const options = { style, seed, change, model: "lenet5", imageShape };
      const { error, testLoss } = await trial({ ...options, more: { weights, ...more } });
      assertEquals(error, null);
      return testLoss!;
    };
    const loss = await lossOf("torch", 1);
    for (const style of ["torch", "keras", "keras-advanced"] as const) {
      assertAlmostEquals(await lossOf(style, 2), loss, 1e-5);
    }
    assertNotEquals(await lossOf("torch", 2, { skipWeights: ["classifier.4"] }), loss);
  }));

/** Images of two classes, 16x16 in colours. */
async function twoClasses(folder: string): Promise<string[]> {
  for (const [i, name] of ["dark", "light"].entries()) {
    await Deno.mkdir(`${folder}/images/${name}`, { recursive: true });
    for (let k = 0; k < 10; k++) {
      const values = new Uint8Array(16 * 16 * 3).fill(100 * i + 5 * k);
      const image = sharp(values, { raw: { width: 16, height: 16, channels: 3 } });
      await Deno.writeFile(`${folder}/images/${name}/${k}.png`, await image.png().toBuffer());
    }
  }
  const dataset = ["--dataset", "folder", "--data-dir", `${folder}/images`];
  return [...dataset, "--recipe", "fixed", "--epochs", "1", "--quiet", "--out", `${folder}/report`];
}

Deno.test("bench: an image that is too small, a head for other classes, weights of other shapes: one line before any training", () =>
  inFolder(async (folder) => {
    const dataset = await twoClasses(folder);
    const weights = await savedNetwork(folder, "lenet5", [16, 16, 3]);
    const size = ["--dataset-options", "size=16"];
    const refused: [string[], string][] = [
      [
        ["--model", "vgg11_bn,lenet5,mlp", "--weights", weights, "--styles", "torch", ...size],
        `--model: vgg11_bn takes images of at least 32x32, folder has 16x16; "${weights}" does not fit ` +
        "lenet5: classifier.4.weight is [10,84], expected [2,84]; " +
        `classifier.4.bias is [10], expected [2]; "${weights}" does not fit mlp: `,
      ],
      [
        ["--model", "mlp,airbench94", "--recipe", "airbench", "--dataset-options", "size=1"],
        "--model: airbench94 takes images of at least 9x9, folder has 1x1; " +
        "recipe airbench: testTimeShift is 1 and images have 1x1 pixels, expected a shift below both",
      ],
      [
        ["--model", "lenet5", "--weights", weights, ...size],
        `"${weights}" does not fit lenet5: classifier.4.weight is [10,84], expected [2,84]; ` +
        "classifier.4.bias is [10], expected [2]",
      ],
      [
        ["--model", "lenet5", "--weights", weights, "--dataset-options", "size=20"],
        "classifier.0.weight is [120,16], expected [120,64]; classifier.4.weight is [10,84], " +
        "expected [2,84]; classifier.4.bias is [10], expected [2]",
      ],
      [["--model", "lenet5", "--weights", `${folder}/no.pt`, ...size], "no.pt"],
    ];
    for (const [args, message] of refused) {
      const { code, stdout, stderr } = await runHere([...dataset, ...args]);
      assertEquals([code, stdout, stderr.split("\n").length], [2, "", 1], stderr);
      assertStringIncludes(stderr, message);
      assertEquals(stderr.split("\n").length, 1);
    }
    const keras = `${folder}/resnet20.weights.h5`;
    const images = { imageShape: [16, 16, 3], classes: 10 };
    await (await kerasOf({ model: await loadModel("resnet20"), ...images })).saveWeights(keras);
    const conversions: [string[], RegExp, number?][] = [
      [
        ["--image-shape", "8,16,3", weights, `${folder}/x.keras`],
        /^model lenet5 takes images of at least 16x16, got 8x16$/,
      ],
      [[weights, `${folder}/none/x.keras`], /x\.keras" has no folder: ".*none" is not there$/],
      // ResNet-20 has 107 variables.
      [[keras, `${folder}/x.keras`], /does not fit model "sequential": 10\d mismatches: "/, 100],
    ];
    for (const [args, message, faults = 0] of conversions) {
      const command = ["convert", "--model", "lenet5", "--to", "keras", ...args];
      const { code, stderr } = await runHere(command);
      assertEquals([code, stderr.split("\n").length, stderr.includes("  ")], [2, 1, false], stderr);
      assertMatch(stderr, message);
      assert(stderr.split("; ").length > faults, stderr);
    }
    const layout = await runHere(["layout", "--weights", weights, "--out", `${folder}/layout`]);
    const why = "--weights: not with the Keras idiom channels first; leave one of both";
    assertEquals([layout.code, layout.stderr], [2, why]);
    const args = ["--model", "lenet5", "--weights", weights, "--skip-weights", "classifier.4"];
    const { code, stderr } = await run([...dataset, ...args, ...size, "--styles", "torch"]);
    assertEquals([code, stderr], [0, ""]);
  }));
