/**
 * What sides are asked and what they answer: a line of JSON each, over standard input and output.
 * @module
 */

/** The kinds of sides, in the order of tables. */
export const SIDES = [
  "torch_style",
  "torch_style_onnx",
  "keras_style",
  "keras_style_onnx",
  "keras_style_tfjs_node",
  "pytorch",
  "pytorch_channels_last",
  "pytorch_compile",
  "keras",
] as const;

/** One of the programs that are held against each other. */
export type SideName = typeof SIDES[number];

/** What a side is, in words. */
export const SIDE_TITLES: Readonly<Record<SideName, string>> = {
  torch_style: "torch_style on onnxruntime",
  torch_style_onnx: "torch_style's exported file on onnxruntime",
  keras_style: "keras_style on onnxruntime",
  keras_style_onnx: "keras_style's exported file on onnxruntime",
  keras_style_tfjs_node: "keras_style on tfjs-node",
  pytorch: "PyTorch eager",
  pytorch_channels_last: "PyTorch eager, channels_last",
  pytorch_compile: "PyTorch, torch.compile",
  keras: "Keras on TensorFlow",
};

/** Whether a side is Tandem's. */
export function isOurs(side: SideName): boolean {
  return side.includes("_style");
}

/** What is measured: a training step, or the logits of a batch. */
export type Measure = "step" | "inference";

/** Whether a side can do it: an exported file does not train. */
export function canDo(side: SideName, measure: Measure): boolean {
  return measure === "inference" || !side.endsWith("_onnx");
}

/** The images of every model: CIFAR-10's. */
export const PEER_IMAGES = { imageShape: [32, 32, 3], classes: 10 } as const;

/** A network for a batch of images. */
export interface Task {
  readonly model: string;
  /** Height, width, channels. */
  readonly imageShape: readonly number[];
  readonly classes: number;
  readonly batch: number;
}

/** What a side is asked. */
export type Request =
  /** Answers when all that it needs is loaded. */
  | { readonly do: "hello" }
  /** Two training steps from the weights of a file with nothing dropped; Tandem's sides write that file. */
  | ({ readonly do: "prove"; readonly weights: string } & Task)
  /** The same of a peer again and again, from weights of which each differs in its last bit. */
  | ({ readonly do: "nearby"; readonly weights: string; readonly times: number } & Task)
  /** Builds the network and does what is measured once. */
  | ({ readonly do: "prepare"; readonly measure: Measure } & Task)
  /** Does it so many times more. */
  | { readonly do: "run"; readonly times: number };

/** What it answers. */
export interface Answers {
  hello: { readonly version: string };
  prove: { readonly parameters: number; readonly losses: readonly number[] };
  nearby: { readonly losses: readonly (readonly number[])[] };
  prepare: { readonly firstMs: number };
  run: {
    /** Of each. */
    readonly ms: readonly number[];
    /** Highest resident memory so far; null where the system does not tell. */
    readonly peakMiB: number | null;
  };
}
