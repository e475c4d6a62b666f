/**
 * `deno task test:device-trainings`: trainings of the bench's networks on an execution provider, with no node on the CPU; 20 steps
 * have the losses that they have on the CPU. TANDEM_DEVICE names the provider (webgpu unless set), TANDEM_MODELS other networks
 * than the usual ones, separated by commas, or `all`. Some minutes where the GPU is imitated on the CPU, an hour for all.
 */
import { assert, assertEquals } from "@std/assert";
import { DEVICE, NOT_RUN, reportNotRun } from "../../onnx/providers/against_cpu.ts";
import { loadModel, modelNames } from "../../../bench/models/mod.ts";
import { trial, type TrialOptions } from "../runner/trial_requests.ts";
import { shapeImages } from "../styles/small_images.ts";

reportNotRun();

/** What is trained unless TANDEM_MODELS says otherwise: a network of each kind. */
const USUAL = ["mlp", "published_cnn", "vit_tiny", "resnet20", "mobilenetv2"];

/** The smallest images whose last rows and columns are enough for batch normalization, where the smallest that fit have one. */
const SIZES: Readonly<Record<string, number>> = {
  published_cnn: 8,
  mlp: 8,
  resnet20: 8,
  resnet56: 8,
  densenet40_12: 8,
  vit_tiny: 8,
  mlp_mixer: 8,
  wide_resnet16_4: 8,
  // With 8 pixels its last batch norms are over 8 values, some of them next to equal: losses of float32 part by 1e-3.
  shufflenetv2: 16,
};

const STEPS = 20;
const BATCH = 8;
/** RMSprop, the recipe's own, takes a whole step for a gradient that is rounding alone, as before batch normalization. */
const OPTIMIZER = { name: "SGD", momentum: 0.9, nesterov: false } as const;
const LEARNING_RATE = 1e-3;
/**
 * Networks whose gradients rounding alone moves by a percent, in PyTorch on the CPU too (float32 against float64: MobileNetV2 1.4 %,
 * ShuffleNetV2 1.4 %, ResNet-20 1e-6): units lie within rounding of a ReLU's kink, and batch normalization is over few values. Longer
 * steps make two trainings of them part, whatever computes.
 */
const SHORTER_STEPS: Readonly<Record<string, number>> = {
  mobilenetv2: 1e-7,
  shufflenetv2: 1e-7,
  efficientnet_lite0: 1e-7,
  googlenet: 1e-6,
  resnet18: 1e-6,
  resnet56: 1e-5,
  wide_resnet16_4: 1e-4,
  vgg11_bn: 1e-5,
};
/** Relative to losses above 1. */
const TOLERANCE = 1e-3;

const asked = Deno.env.get("TANDEM_MODELS");
const models = asked === "all" ? await modelNames() : asked?.split(",") ?? USUAL;

for (const model of models) {
  for (const style of ["torch", "keras", "keras-advanced"] as const) {
    Deno.test({
      name: `${DEVICE}: ${STEPS} steps of ${model}, ${style}, have the CPU's losses`,
      ignore: NOT_RUN !== undefined,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => sameLosses(model, style),
    });
  }
}

async function sameLosses(model: string, style: TrialOptions["style"]): Promise<void> {
  const [least] = (await loadModel(model)).smallestImage;
  const size = SIZES[model] ?? least;
  const learningRate = SHORTER_STEPS[model] ?? LEARNING_RATE;
  const losses = async (device: TrialOptions["more"]) => {
    const running: number[] = [];
    const result = await trial({
      model,
      style,
      count: STEPS * BATCH,
      images: shapeImages,
      imageShape: [size, size, 3],
      change: {
        batchSize: BATCH,
        keras: { optimizer: { ...OPTIMIZER, learningRate } },
        torch: { optimizer: { ...OPTIMIZER, lr: learningRate } },
      },
      more: device,
    }, {
      send: (event) => {
        if (event.type === "step") running.push(event.logs.loss!);
      },
    });
    assertEquals(result.error, null, `${model}, ${style}`);
    assertEquals(running.length, STEPS);
    return { result, running: [...running, result.history[0].valLoss, result.testLoss!] };
  };
  const expected = await losses({ device: "cpu" });
  const found = await losses({ device: DEVICE as "webgpu", strictDevice: true });
  assertEquals(found.result.provider, DEVICE);
  assertEquals(found.result.nodesOnCpu, 0);
  found.running.forEach((loss, i) => {
    const right = expected.running[i];
    const isClose = Math.abs(loss - right) <= TOLERANCE * Math.max(1, right);
    assert(isClose, `${model}, ${style}, step ${i + 1}: ${loss} on ${DEVICE}, ${right} on the CPU`);
  });
}
