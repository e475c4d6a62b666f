/**
 * Which call of a layer is which call of a module.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { LazyArray } from "../../onnx/mod.ts";
import type { nn, Tensor } from "../../torch_style/mod.ts";
import type { FeatureLayout } from "./feature_layout.ts";
import type { KerasCall } from "./keras_calls.ts";
import type { LayerPair } from "./layer_pairs.ts";
import type { TorchCall } from "./torch_calls.ts";

/** Two results that are to be equal. */
export interface CallPair {
  /** Such as `conv2d` or `conv2d/relu`. */
  readonly keras: string;
  readonly torch: string;
  readonly layer: Layer;
  readonly kerasOutput: tf.Tensor;
  /** The result itself, which gradients are known of. */
  readonly kerasTensor: tf.Tensor;
  readonly layout: FeatureLayout;
  readonly torchCall: TorchCall;
  /** What went in; left out where both took over a result that stands in an earlier pair. */
  readonly input: InputPair | undefined;
}

/** What two layers were given. */
export interface InputPair {
  readonly keras: tf.Tensor;
  readonly layout: FeatureLayout;
  readonly torch: LazyArray;
}

/** A result of the Keras model, in order. */
interface KerasResult {
  readonly name: string;
  readonly kind: string;
  readonly call: KerasCall;
  readonly output: tf.Tensor;
  readonly isActivation: boolean;
}

/**
 * Pairs calls in their order: those of layers with weights as the layers are paired, those between them where they are of
 * one kind (pooling with pooling). A layer whose counterpart is a plain function stays alone; its result is the next pair's input.
 */
export function pairCalls(
  kerasCalls: readonly KerasCall[],
  torchCalls: readonly TorchCall[],
  pairs: readonly LayerPair[],
): CallPair[] {
  const twins = new Map(pairs.map(({ layer, modules }) => [layer, modules.map((m) => m.module)]));
  const weighted = new Set([...twins.values()].flat());
  const found: CallPair[] = [];
  const compared: Compared = { keras: new Set(), torch: new Set() };
  let next = 0;
  for (const result of kerasCalls.flatMap(resultsOf)) {
    const modules = result.isActivation ? undefined : twins.get(result.call.layer);
    const at = modules
      ? torchCalls.findIndex(({ module }, i) => i >= next && module === modules.at(-1))
      : indexOfKind(torchCalls, next, result.kind, weighted);
    if (at < 0) continue;
    const first = modules
      ? torchCalls.slice(next, at + 1).find(({ module }) => module === modules[0])
      : undefined;
    found.push(pairOf(result, torchCalls[at], first ?? torchCalls[at], compared));
    next = at + 1;
  }
  return found;
}

/** Results that stand in a pair already. */
interface Compared {
  readonly keras: Set<tf.Tensor>;
  readonly torch: Set<Tensor>;
}

function pairOf(
  { name, call, output, isActivation }: KerasResult,
  torch: TorchCall,
  first: TorchCall,
  compared: Compared,
): CallPair {
  const covered = isActivation ||
    (compared.keras.has(call.identity.input) && compared.torch.has(first.identity.input));
  // Only a whole layer's result is what the next layer is given.
  if (isActivation || call.activation === null) compared.keras.add(call.identity.activated);
  compared.torch.add(torch.identity.output);
  return {
    keras: name,
    torch: torch.path,
    layer: call.layer,
    kerasOutput: output,
    kerasTensor: isActivation ? call.identity.activated : call.identity.output,
    layout: call.outputLayout,
    torchCall: torch,
    input: covered
      ? undefined
      : { keras: call.input, layout: call.inputLayout, torch: first.input },
  };
}

function resultsOf(call: KerasCall): KerasResult[] {
  const { layer, output, activated, activation } = call;
  const own = { name: layer.name, kind: kindOfLayer(layer), call, output, isActivation: false };
  if (activation === null) return [own];
  const name = `${layer.name}/${activation}`;
  return [own, { name, kind: normal(activation), call, output: activated, isActivation: true }];
}

/** The first call of a kind before the next module with weights. */
function indexOfKind(
  calls: readonly TorchCall[],
  from: number,
  kind: string,
  weighted: ReadonlySet<nn.AnyModule>,
): number {
  for (let i = from; i < calls.length && !weighted.has(calls[i].module); i++) {
    if (kindOfModule(calls[i].module) === kind) return i;
  }
  return -1;
}

function kindOfLayer(layer: Layer): string {
  const name = layer.getClassName();
  if (name === "Activation") {
    return normal(String(layer.getConfig().activation));
  }
  if (/MaxPooling/.test(name)) return "max pooling";
  if (/AveragePooling/.test(name)) return "average pooling";
  if (/Dropout/.test(name)) return "dropout";
  if (/ZeroPadding/.test(name)) return "padding";
  return normal(name);
}

function kindOfModule(module: nn.AnyModule): string {
  const { name } = module.constructor;
  if (/MaxPool/.test(name)) return "max pooling";
  if (/AvgPool/.test(name)) return "average pooling";
  if (/Dropout/.test(name)) return "dropout";
  if (/ZeroPad/.test(name)) return "padding";
  return normal(name);
}

/** `LeakyReLU`, `leaky_relu` and `leakyRelu` are one kind. */
function normal(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
