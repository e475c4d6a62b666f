/** Networks that people port, and ten changes to each port. */
import { torch } from "@tandem/tandem";
import { loadPair, type ModelPair } from "../../../../bench/parity/mod.ts";
import {
  type Change,
  detached,
  dilated,
  epsilon,
  field,
  flipped,
  frozen,
  input,
  momentum,
  other,
  output,
  rectified,
  scaled,
  unbiased,
} from "./changes.ts";
import { lstmClassifier } from "./lstm_classifier.ts";
import { unet } from "./unet.ts";

const { nn } = torch;

/** A network in both idioms with changes to its port. */
export interface Network {
  readonly name: string;
  load(): Promise<ModelPair>;
  readonly changes: readonly Change[];
}

/** A network of the bench, for small images: what layers compute does not hang on their size. */
function ofBench(name: string, changes: readonly Change[]): Network {
  const load = async () => {
    const { kerasModel, torchModel } = await loadPair(name);
    const [height, width, channels] = [16, 16, 3];
    const spec = { inputShape: [height, width, channels], classes: 10 };
    return {
      kerasModel: () => kerasModel(spec),
      torchModel: () => torchModel({ ...spec, inputShape: [channels, height, width] }),
    };
  };
  return { name, load, changes };
}

export const networks: readonly Network[] = [
  ofBench("resnet20", [
    epsilon("layer2.1.bn2"),
    momentum("layer1.2.bn1"),
    dilated("layer2.0.conv2"),
    dilated("layer3.2.conv1"),
    scaled("layer1.1.conv2"),
    flipped("layer3.0.bn2"),
    rectified("layer2.2.bn2"),
    frozen("layer3.1.conv2"),
    detached("layer1.0.bn2"),
    unbiased("linear"),
  ]),
  ofBench("mobilenetv2", [
    epsilon("features.5.conv.1.1"),
    momentum("features.9.conv.2.1"),
    dilated("features.3.conv.1.0"),
    scaled("features.12.conv.0.0"),
    flipped("features.16.conv.2.1"),
    rectified("features.7.conv.2.1"),
    frozen("features.14.conv.1.0"),
    detached("features.11.conv.0.1"),
    other("features.2.conv.0.2", "relu instead of relu6", () => new nn.ReLU()),
    field("classifier.0", "p", 0.5),
  ]),
  ofBench("googlenet", [
    epsilon("blocks.1.branch2.1.bn"),
    momentum("blocks.4.branch3.0.bn"),
    dilated("blocks.3.branch2.1.conv"),
    scaled("blocks.6.branch4.1.conv"),
    flipped("blocks.10.branch1.bn"),
    output("blocks.0.branch3.0.bn", "no values below -0.5", (x) => x.clamp(-0.5)),
    frozen("blocks.5.branch2.0.conv"),
    detached("blocks.9.branch4.1.bn"),
    other(
      "blocks.7.branch4.0",
      "average instead of max",
      () => new nn.AvgPool2d(3, { stride: 1, padding: 1 }),
    ),
    unbiased("fc"),
  ]),
  {
    name: "unet",
    load: () => Promise.resolve(unet),
    changes: [
      epsilon("down2.bn1"),
      momentum("decode2.bn2"),
      dilated("bottom.conv2"),
      scaled("decode1.conv1"),
      flipped("up2"),
      rectified("up1"),
      frozen("down1.conv2"),
      detached("decode2.bn1"),
      other("pool", "average instead of max", () => new nn.AvgPool2d(2)),
      input("head", "half a pixel to the side", (x) => x.roll(1, 3)),
    ],
  },
  ofBench("vit_tiny", [
    epsilon("blocks.3.norm1"),
    epsilon("norm"),
    scaled("blocks.5.attn.qkv"),
    scaled("blocks.8.mlp.fc2"),
    flipped("blocks.2.norm2"),
    rectified("blocks.10.attn.proj"),
    frozen("blocks.7.mlp.fc1"),
    detached("blocks.4.mlp.fc2"),
    other("blocks.1.mlp.act", "gelu by tanh", () => new nn.GELU({ approximate: "tanh" })),
    unbiased("head"),
  ]),
  {
    name: "lstm_classifier",
    load: () => Promise.resolve(lstmClassifier),
    changes: [
      epsilon("norm"),
      scaled("both"),
      scaled("last"),
      output("words", "normalized", (x) => x.div(x.norm())),
      output("both", "directions swapped", (x) => x.roll(6, 2)),
      rectified("norm"),
      frozen("words"),
      detached("last"),
      field("drop", "p", 0.6),
      unbiased("hidden"),
    ],
  },
];
