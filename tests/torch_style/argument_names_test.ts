/**
 * Arguments have PyTorch's names (tests/golden/torch_arguments.py): what a program gives by name there it gives by name here.
 */
import { assert, assertEquals } from "@std/assert";
import { Signature } from "../../torch_style/arguments.ts";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_arguments.json" with { type: "json" };
import { camelCase } from "./coverage.ts";

type Callable = (...given: unknown[]) => unknown;

const namespaces: Readonly<Record<keyof typeof golden.arguments, object>> = {
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
  "torch.as_tensor": ["requiresGrad"],
  // PyTorch takes these in forms that its docstrings leave out.
  "torch.hamming_window": ["periodic", "alpha", "beta"],
  "torch.normal": ["size"],
  "torch.std": ["unbiased"],
  "torch.std_mean": ["unbiased"],
  "torch.var_mean": ["unbiased"],
  "torch.trapz": ["dx"],
};

/** Thrown in place of an answer: whose arguments were to be read. */
class Asked {
  constructor(readonly names: readonly string[]) {}
}

/** The arguments that a function or class reads first; none where it declares none. */
async function namesOf(callable: Callable): Promise<readonly string[]> {
  const { read } = Signature.prototype;
  Signature.prototype.read = function () {
    throw new Asked(this.names);
  };
  try {
    await (/^class\b/.test(String(callable)) ? Reflect.construct(callable, []) : callable());
  } catch (thrown) {
    if (thrown instanceof Asked) return thrown.names;
  } finally {
    Signature.prototype.read = read;
  }
  return [];
}

Deno.test("arguments have PyTorch's names", async () => {
  const other: Record<string, string[]> = {};
  let count = 0;
  for (const [place, functions] of Object.entries(golden.arguments)) {
    const namespace = namespaces[place as keyof typeof namespaces] as Record<string, Callable>;
    for (const [name, theirs] of Object.entries(functions)) {
      if (!(camelCase(name) in namespace)) continue;
      const ours = await namesOf(namespace[camelCase(name)]);
      const known = theirs.map(camelCase);
      const unknown = ours.filter((own) => !known.includes(own));
      if (unknown.length > 0) other[`${place}.${name}`] = unknown;
      count += ours.length;
    }
  }
  assert(count > 1000, `${count} arguments were found`);
  assertEquals(other, OTHERWISE);
});
