/**
 * Arguments have PyTorch's names and defaults (tests/golden/torch_arguments.py): what a program gives by name there it gives by
 * name here, and what it leaves out is the same.
 */
import { assert, assertEquals } from "@std/assert";
import { type Declarations, Signature } from "../../torch_style/arguments.ts";
import * as torch from "../../torch_style/mod.ts";
import file from "../golden/torch_arguments.json" with { type: "json" };
import { camelCase } from "./coverage.ts";

/** By place and name: the arguments in order, and the defaults that are plain values. */
type Arguments = Record<
  keyof typeof file.arguments,
  Record<string, [names: string[], defaults?: Record<string, unknown>]>
>;
const theirs = file.arguments as unknown as Arguments;

type Callable = (...given: unknown[]) => unknown;

const namespaces: Readonly<Record<keyof Arguments, object>> = {
  nn: torch.nn,
  functional: torch.nn.functional,
  optim: torch.optim,
  lrScheduler: torch.optim.lrScheduler,
  torch,
  init: torch.nn.init,
};

const IN_CHANNELS = ["inChannels"];
const NUM_FEATURES = ["numFeatures"];

/** What is called otherwise here, or stands in no line that begins a docstring. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  // A lazy module is its module with sizes that are found at the first call.
  "nn.LazyLinear": ["inFeatures"],
  "nn.LazyConv1d": IN_CHANNELS,
  "nn.LazyConv2d": IN_CHANNELS,
  "nn.LazyConv3d": IN_CHANNELS,
  "nn.LazyConvTranspose1d": IN_CHANNELS,
  "nn.LazyConvTranspose2d": IN_CHANNELS,
  "nn.LazyConvTranspose3d": IN_CHANNELS,
  "nn.LazyBatchNorm1d": NUM_FEATURES,
  "nn.LazyBatchNorm2d": NUM_FEATURES,
  "nn.LazyBatchNorm3d": NUM_FEATURES,
  "nn.LazyInstanceNorm1d": NUM_FEATURES,
  "nn.LazyInstanceNorm2d": NUM_FEATURES,
  "nn.LazyInstanceNorm3d": NUM_FEATURES,
  // It asks `zeros` first.
  "nn.RNNCellBase": ["size", "requiresGrad"],
  // Of one declaration for all dimensions.
  "nn.AvgPool1d": ["divisorOverride"],
  "functional.avg_pool1d": ["divisorOverride"],
  // T_max, T_0 and T_mult, N: names here begin with a small letter.
  "lrScheduler.CosineAnnealingLR": ["tMax"],
  "lrScheduler.CosineAnnealingWarmRestarts": ["t0", "tMult"],
  "torch.vander": ["n"],
  // One function under several names has the arguments of the first.
  "torch.concatenate": ["dim"],
  "torch.swapaxes": ["dim0", "dim1"],
  "torch.true_divide": ["input", "other", "roundingMode"],
  "torch.pinverse": ["a", "rtol"],
  "torch.pow": ["other"],
  "torch.split": ["input"],
  "torch.matrix_exp": ["input"],
  "torch.atleast_1d": ["input"],
  "torch.atleast_2d": ["input"],
  "torch.atleast_3d": ["input"],
  // It asks `meshgrid` first.
  "torch.cartesian_prod": ["indexing"],
  // Files of Tandem's own hold named tensors.
  "torch.save": ["tensors", "path", "metadata"],
  "torch.load": ["path"],
  // PyTorch takes these in forms that its docstrings leave out.
  "torch.hamming_window": ["periodic", "alpha", "beta"],
  "torch.normal": ["size", "dtype"],
  "torch.std": ["unbiased"],
  "torch.std_mean": ["unbiased"],
  "torch.var_mean": ["unbiased"],
  "torch.trapz": ["dx"],
};

/** Ours, then PyTorch's. */
const OTHER_DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  // Of all elements both are one norm.
  "torch.norm p": [2, "fro"],
};

/** Thrown in place of an answer: whose arguments were to be read. */
class Asked {
  constructor(readonly declarations: Signature<Declarations>["declarations"]) {}
}

/** The arguments that a function or class reads first; none where it declares none. */
async function declarationsOf(callable: Callable): Promise<Asked["declarations"]> {
  const { read } = Signature.prototype;
  Signature.prototype.read = function () {
    throw new Asked(this.declarations);
  };
  try {
    await (/^class\b/.test(String(callable)) ? Reflect.construct(callable, []) : callable());
  } catch (thrown) {
    if (thrown instanceof Asked) return thrown.declarations;
  } finally {
    Signature.prototype.read = read;
  }
  return [];
}

/** Every function and class of both sides, with the arguments here and PyTorch's. */
async function* compared() {
  for (const [place, functions] of Object.entries(theirs)) {
    const namespace = namespaces[place as keyof typeof namespaces] as Record<string, Callable>;
    for (const [name, [names, defaults = {}]] of Object.entries(functions)) {
      if (!(camelCase(name) in namespace)) continue;
      const ours = await declarationsOf(namespace[camelCase(name)]);
      yield { name: `${place}.${name}`, ours, names: names.map(camelCase), defaults };
    }
  }
}

Deno.test("arguments have PyTorch's names", async () => {
  const other: Record<string, string[]> = {};
  let count = 0;
  for await (const { name, ours, names } of compared()) {
    const unknown = ours.map(([own]) => own).filter((own) => !names.includes(own));
    if (unknown.length > 0) other[name] = unknown;
    count += ours.length;
  }
  assert(count > 1000, `${count} arguments were found`);
  assertEquals(other, OTHERWISE);
});

Deno.test("arguments have PyTorch's defaults", async () => {
  const other: Record<string, unknown[]> = {};
  let count = 0;
  for await (const { name, ours, defaults } of compared()) {
    for (const [argument, value] of Object.entries(defaults)) {
      const own = ours.find(([own]) => own === camelCase(argument))?.[2];
      // What has no default where it is declared gets it in the function.
      if (own === undefined) continue;
      count++;
      if (own !== value) other[`${name} ${argument}`] = [own, value];
    }
  }
  assert(count > 300, `${count} defaults were found`);
  assertEquals(other, OTHER_DEFAULTS);
});
