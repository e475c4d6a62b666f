/**
 * State dicts of PyTorch that others have saved, under whatever names they have them.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { load, type nn, save, type Tensor } from "../../torch_style/mod.ts";
import type { BenchModel } from "../models/bench_model.ts";
import { suggest } from "../nearest_name.ts";
import { nameIn, namingOf, rulesOf } from "./names.ts";
import { WeightsError } from "./weights_error.ts";

type State = Record<string, Tensor>;

/** PyTorch has it since 0.4.1, Keras has none, and `half()` of a state dict makes numbers of it; nothing depends on it. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * Gives a network the weights of a file: safetensors, or what `torch.save` wrote; under its own names, torchvision's or
 * timm's, also behind the `module.` of DataParallel or the `_orig_mod.` of `torch.compile`. Tensors of float16 and bfloat16 become float32.
 *
 * @param skipped modules and parameters, by the network's or the file's names, that stay as they are
 * @throws {WeightsError} naming all that is missing, unexpected or of another shape, or what is to be skipped and is nowhere;
 * nothing is changed then
 */
export async function loadTorchState(
  model: BenchModel,
  network: nn.AnyModule,
  path: string,
  skipped: readonly string[] = [],
): Promise<void> {
  const own = network.stateDict() as State;
  const state = withoutWrappers(await load(path), own);
  const rules = rulesOf(model, namingOf(model, Object.keys(own), new Set(Object.keys(state))));
  const isSkipped = (...names: string[]) =>
    skipped.some((skip) => names.some((name) => isIn(skip, name)));
  refuseUnknown(skipped, [
    ...Object.keys(own).flatMap((name) => [name, nameIn(rules, name)]),
    ...Object.keys(state),
  ]);
  const faults: string[] = [];
  const taken: State = {};
  const expected = new Set<string>();
  for (const [name, tensor] of Object.entries(own)) {
    const other = nameIn(rules, name);
    expected.add(other);
    const found = Object.hasOwn(state, other) ? state[other] : undefined;
    const isCount = COUNTER.test(name) && (!found || isReal(found));
    if (isCount || isSkipped(name, other)) taken[name] = tensor;
    else if (!found) faults.push(`${other} is missing`);
    else if (found.shape.join() !== tensor.shape.join()) {
      faults.push(`${other} is [${found.shape}], expected [${tensor.shape}]`);
    } else if (isReal(tensor) !== isReal(found)) {
      faults.push(`${other} is ${found.dtype}, expected ${tensor.dtype}`);
    } else taken[name] = found;
  }
  for (const name of Object.keys(state)) {
    if (!expected.has(name) && !isSkipped(name)) faults.push(`${shortText(name)} is unexpected`);
  }
  if (faults.length > 0) {
    throw new WeightsError(`"${path}" does not fit ${model.name}: ${faults.join("; ")}`);
  }
  network.loadStateDict(taken);
}

/** Whether a parameter is the one that is named, or one of a module's. */
function isIn(named: string, parameter: string): boolean {
  return parameter === named || parameter.startsWith(`${named}.`);
}

/** A misspelt name would leave its module to be overwritten, or be the cause of what does not fit. */
function refuseUnknown(skipped: readonly string[], parameters: readonly string[]): void {
  const unknown = skipped.find((skip) => !parameters.some((name) => isIn(skip, name)));
  if (unknown === undefined) return;
  const known = parameters.flatMap((name) => {
    const parts = name.split(".");
    return parts.map((_, i) => parts.slice(0, i + 1).join("."));
  });
  throw new WeightsError(
    `--skip-weights: ${shortText(unknown)} is no module or parameter of the network or the file${
      suggest(unknown, [...new Set(known)])
    }`,
  );
}

/** Whether its elements are fractions, as weights are. */
function isReal({ dtype }: Tensor): boolean {
  return /float/.test(dtype);
}

/** Without what stands before every name, such as `module.` of DataParallel, unless the network is so too. */
function withoutWrappers(state: State, own: State): State {
  const wrapper = wrapperOf(state);
  if (wrapper === null || wrapperOf(own) === wrapper) return state;
  const entries = Object.entries(state);
  const inside = entries.map(([name, tensor]) => [name.slice(wrapper.length), tensor]);
  return withoutWrappers(Object.fromEntries(inside), own);
}

/** The module that all parameters are in, with its dot; null where there is none. */
function wrapperOf(state: State): string | null {
  const [first = "", ...others] = Object.keys(state);
  const wrapper = first.slice(0, first.indexOf(".") + 1);
  return wrapper !== "" && others.every((name) => name.startsWith(wrapper)) ? wrapper : null;
}

/** Writes a network's weights as safetensors, which Python's `load_file` reads, under the names of a naming. */
export async function saveTorchState(
  model: BenchModel,
  network: nn.AnyModule,
  path: string,
  naming: string,
): Promise<void> {
  const rules = rulesOf(model, naming);
  const state = Object.entries(network.stateDict() as State);
  await save(Object.fromEntries(state.map(([name, x]) => [nameIn(rules, name), x])), path);
}
