/**
 * Functions of tensors within graphs, as Keras saves them: a class in `keras.src.ops`, made of the function's settings and
 * called with its tensors.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { isPlainObject } from "../layers/nested.ts";
import { TENSOR_OPERATION } from "../models/graph_config.ts";
import "./get_item.ts";
import { fromKerasName, toKerasName } from "./keras_settings.ts";

/** The arguments of a call. */
interface Call {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** How a function here is a class of Keras. */
interface Rule {
  readonly module: string;
  readonly className: string;
  /** The positional arguments here: tensors of the call, or settings of the class. */
  readonly positional: readonly { readonly name: string; readonly isSetting: boolean }[];
  /** Settings that the class alone has. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** Settings that the class has to be given, with what stands for them here. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Options here that are arguments of the call there. */
  readonly named: readonly string[];
}

/** Functions of one tensor that have Keras' name. */
const UNARY: Readonly<Record<string, string>> = {
  numpy:
    "arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad exp exp2 expm1 fabs floor " +
    "isfinite isinf isnan isneginf isposinf isreal log log10 log1p log2 logicalNot negative rad2deg ravel " +
    "reciprocal sign signbit sin sinc sinh sqrt square tan trunc fliplr flipud",
  math: "erf erfc rsqrt",
  nn:
    "hardSigmoid hardSilu hardTanh logSigmoid relu relu6 selu silu softplus softsign sparsePlus " +
    "sparseSigmoid tanhShrink sigmoid",
  linalg: "det inv",
};

/** Functions of two tensors that have Keras' name. */
const BINARY =
  "add arctan2 divide divideNoNan dot equal floorDivide fmax fmin fmod greater greaterEqual " +
  "heaviside hypot inner kron less lessEqual logaddexp logaddexp2 logicalAnd logicalOr logicalXor matmul " +
  "maximum minimum mod multiply notEqual outer power subtract trueDivide vdot";

/** Functions over axes. */
const OVER_AXES =
  "all any max mean median min nanmax nanmean nanmin nanprod nanstd nansum nanvar " +
  "prod ptp std sum var argmax argmin";

/** Classes that are another name of a function here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "numpy.Amax": "ops.max",
  "numpy.Amin": "ops.min",
};

/**
 * The others: `*name` is a positional argument here and a setting there, `*a+b` a list of two settings, `~name=value` a
 * setting that is always the same, `?name=value` one that has to be there, `@name` an option that the call has there. Other options
 * here are settings there.
 */
const OTHERS: Readonly<Record<string, string>> = {
  "ops.abs": "numpy.Absolute x",
  "activations.tanh": "numpy.Tanh x",
  "ops.where": "numpy.Where condition x1 x2",
  "ops.logsumexp": "math.Logsumexp x",
  "ops.reshape": "numpy.Reshape x *newshape",
  "ops.transpose": "numpy.Transpose x",
  "ops.expandDims": "numpy.ExpandDims x *axis",
  "ops.squeeze": "numpy.Squeeze x",
  "ops.broadcastTo": "numpy.BroadcastTo x *shape",
  "ops.cast": "core.Cast x *dtype",
  "ops.concatenate": "numpy.Concatenate xs",
  "ops.stack": "numpy.Stack x",
  "ops.hstack": "numpy.Hstack xs",
  "ops.vstack": "numpy.Vstack xs",
  "ops.dstack": "numpy.Dstack xs",
  "ops.append": "numpy.Append x1 x2",
  "ops.split": "numpy.Split x *indices_or_sections",
  "ops.unstack": "core.Unstack x",
  "ops.repeat": "numpy.Repeat x *repeats",
  "ops.tile": "numpy.Tile x *repeats",
  "ops.roll": "numpy.Roll x *shift",
  "ops.flip": "numpy.Flip x",
  "ops.rot90": "numpy.Rot90 array",
  "ops.moveaxis": "numpy.Moveaxis x *source *destination",
  "ops.swapaxes": "numpy.Swapaxes x *axis1 *axis2",
  "ops.pad": "numpy.Pad x *pad_width @constant_values",
  "ops.slice": "core.Slice inputs start_indices *shape",
  "ops.take": "numpy.Take x indices",
  "ops.takeAlongAxis": "numpy.TakeAlongAxis x indices",
  "ops.oneHot": "nn.OneHot inputs *num_classes ~axis=-1 ~sparse=false",
  "ops.topK": "math.TopK x *k",
  "ops.einsum": "numpy.Einsum *subscripts ...operands",
  "ops.clip": "numpy.Clip x *x_min+x_max",
  "ops.cumsum": "numpy.Cumsum x",
  "ops.cumprod": "numpy.Cumprod x",
  "ops.round": "numpy.Round x",
  "ops.norm": "linalg.Norm x",
  "ops.normalize": "nn.Normalize x",
  "ops.tril": "numpy.Tril x",
  "ops.triu": "numpy.Triu x",
  "ops.diag": "numpy.Diag x",
  "ops.diagonal": "numpy.Diagonal x",
  "ops.tensordot": "numpy.Tensordot x1 x2",
  "ops.gelu": "nn.Gelu x",
  "activations.softmax": "nn.Softmax x",
  "activations.logSoftmax": "nn.LogSoftmax x",
  "activations.elu": "nn.Elu x",
  "activations.celu": "nn.Celu x",
  "activations.leakyRelu": "nn.LeakyRelu x",
  "activations.glu": "nn.Glu x",
  "ops.nanToNum": "numpy.NanToNum x",
  "ops.sort": "numpy.Sort x",
  "ops.argsort": "numpy.Argsort x",
  "ops.diff": "numpy.Diff a",
  "ops.countNonzero": "numpy.CountNonzero x",
  "ops.trace": "numpy.Trace x",
  "ops.average": "numpy.Average x @weights",
  "ops.nanargmax": "numpy.Nanargmax x ~keepdims=false",
  "ops.nanargmin": "numpy.Nanargmin x ~keepdims=false",
  "ops.quantile": "numpy.Quantile x q",
  "ops.percentile": "numpy.Percentile x q",
  "ops.cross": "numpy.Cross x1 x2 ~axisa=-1 ~axisb=-1 ~axisc=-1 ~axis=null",
  "ops.moments": "nn.Moments x *axes ~synchronized=false",
  "ops.depthToSpace": 'nn.DepthToSpace x *block_size ~data_format="channels_last"',
  "ops.spaceToDepth": 'nn.SpaceToDepth x *block_size ~data_format="channels_last"',
  "ops.maxPool": 'nn.MaxPool inputs *pool_size ~data_format="channels_last"',
  "ops.averagePool": 'nn.AveragePool inputs *pool_size ~data_format="channels_last"',
  "ops.conv": 'nn.Conv inputs kernel ~data_format="channels_last"',
  "ops.depthwiseConv":
    'nn.DepthwiseConv inputs kernel ~dilation_rate=1 ~data_format="channels_last"',
  "activations.hardShrink": "nn.HardShrink x",
  "activations.softShrink": "nn.SoftShrink x",
  "activations.squareplus": "nn.Squareplus x",
  "activations.sparsemax": "nn.Sparsemax x",
  "activations.threshold": "nn.Threshold x ?threshold=0 ?default_value=0",
  "ops.fullLike": "numpy.FullLike x fill_value",
  "ops.onesLike": "numpy.OnesLike x",
  "ops.zerosLike": "numpy.ZerosLike x",
  "ops.stopGradient": "core.StopGradient variable",
  "keras.getItem": "numpy.GetItem x key",
  "tensor.add": "numpy.Add x1 x2",
  "tensor.sub": "numpy.Subtract x1 x2",
  "tensor.mul": "numpy.Multiply x1 x2",
  "tensor.div": "numpy.TrueDivide x1 x2",
  "tensor.pow": "numpy.Power x1 x2",
  "tensor.maximum": "numpy.Maximum x1 x2",
  "tensor.minimum": "numpy.Minimum x1 x2",
  "tensor.matMul": "numpy.Matmul x1 x2",
  "tensor.neg": "numpy.Negative x",
  "tensor.abs": "numpy.Absolute x",
  "tensor.square": "numpy.Square x",
  "tensor.sqrt": "numpy.Sqrt x",
  "tensor.exp": "numpy.Exp x",
  "tensor.log": "numpy.Log x",
  "tensor.relu": "nn.Relu x",
  "tensor.sigmoid": "nn.Sigmoid x",
  "tensor.tanh": "numpy.Tanh x",
  "tensor.softmax": "nn.Softmax x *axis",
  "tensor.sum": "numpy.Sum x *axis *keepdims",
  "tensor.mean": "numpy.Mean x *axis *keepdims",
  "tensor.max": "numpy.Max x *axis *keepdims",
  "tensor.min": "numpy.Min x *axis *keepdims",
  "tensor.reshape": "numpy.Reshape x *newshape",
  "tensor.transpose": "numpy.Transpose x *axes",
  "tensor.expandDims": "numpy.ExpandDims x *axis",
  "tensor.squeeze": "numpy.Squeeze x *axis",
  "tensor.slice": "core.Slice inputs start_indices *shape",
  "tensor.cast": "core.Cast x *dtype",
};

const rules = new Map<string, Rule>();
/** The function here of a class there; the first that is named. */
const byClass = new Map<string, string>();

function addRule(saved: string, text: string): void {
  const [target, ...parts] = text.split(" ");
  const [module, className] = target.split(".");
  const marked = (mark: string) =>
    parts.filter((part) => part.startsWith(mark)).map((part) => part.slice(1));
  const values = (mark: string) =>
    Object.fromEntries(
      marked(mark).map((part) => {
        const [name, value] = part.split("=");
        return [name, JSON.parse(value)];
      }),
    );
  const positional = parts.filter((part) => !/^[~?@]/.test(part)).map((part) => ({
    name: part.replace(/^\*/, ""),
    isSetting: part.startsWith("*"),
  }));
  const [fixed, defaults] = [values("~"), values("?")];
  rules.set(saved, { module, className, positional, fixed, defaults, named: marked("@") });
  const key = `${module}.${className}`;
  if (!byClass.has(key)) byClass.set(key, saved);
}

const classNameOf = (name: string) => `${name[0].toUpperCase()}${name.slice(1)}`;
for (const [module, names] of Object.entries(UNARY)) {
  const folder = module === "nn" ? "activations" : "ops";
  for (const name of names.split(" ")) {
    addRule(`${folder}.${name}`, `${module}.${classNameOf(name)} x`);
  }
}
for (const name of BINARY.split(" ")) addRule(`ops.${name}`, `numpy.${classNameOf(name)} x1 x2`);
for (const name of OVER_AXES.split(" ")) addRule(`ops.${name}`, `numpy.${classNameOf(name)} x`);
for (const [saved, text] of Object.entries(OTHERS)) addRule(saved, text);
for (const [className, saved] of Object.entries(OTHER_NAMES)) byClass.set(className, saved);

/** The functions that have a class in Keras: its name, and the settings that are arguments here. */
export function operationClasses(): { saved: string; className: string; settings: string[] }[] {
  return [...rules].map(([saved, { module, className, positional, fixed, defaults }]) => ({
    saved,
    className: `${module}.${className}`,
    settings: [
      ...positional.filter(({ isSetting }) => isSetting).flatMap(({ name }) => name.split("+")),
      ...Object.keys(fixed),
      ...Object.keys(defaults),
    ],
  }));
}

/**
 * @param saved the name that the function is registered under
 * @param layer what is saved of the operation
 * @throws {Error} for a function that is no class of Keras
 */
export function operationToKeras(
  saved: string,
  layer: Readonly<Record<string, unknown>>,
  { args }: Call,
): { object: Record<string, unknown>; call: Call } {
  const rule = rules.get(saved);
  if (!rule) {
    throw new Error(
      `the model computes "${saved}", which Keras' files have no class for; put it into a layer of ` +
        `your own, or save the model as .safetensors`,
    );
  }
  const { module, className, positional, fixed, defaults, named } = rule;
  const config: Record<string, unknown> = { name: layer.name, ...defaults };
  const tensors: unknown[] = [];
  const kwargs: Record<string, unknown> = {};
  let at = 0;
  for (const { name, isSetting } of positional) {
    if (name.startsWith("...")) tensors.push(...args.slice(at, at = args.length).map(operand));
    else if (!isSetting) tensors.push(INDICES.includes(name) ? args[at++] : operand(args[at++]));
    else if (name.includes("+")) {
      const values = args[at++] as unknown[];
      name.split("+").forEach((one, i) => config[one] = values[i]);
    } else if (at < args.length) config[name] = args[at++];
  }
  const options = args[at];
  if (isPlainObject(options) && options.className === undefined) {
    for (const [name, value] of Object.entries(options)) {
      const own = toKerasName(name);
      if (named.includes(own)) kwargs[own] = operand(value);
      else config[own] = value;
    }
  }
  return {
    object: {
      module: `keras.src.ops.${module}`,
      class_name: className,
      config: { ...config, ...fixed },
      registered_name: className,
    },
    call: { args: tensors, kwargs },
  };
}

/** Arguments that are indices: Keras takes lists of them as they are. */
const INDICES = ["indices", "start_indices", "key"];

/** Lists of numbers that stand for a tensor, in the form that Keras has for them. */
function operand(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const leaves = value.flat(Infinity);
  const isPlain = leaves.every((leaf) => typeof leaf === "number" || typeof leaf === "boolean");
  if (!isPlain) return value.map(operand);
  const dtype = leaves.every((leaf) => typeof leaf === "boolean") ? "bool" : "float32";
  return { class_name: "__tensor__", config: { value, dtype } };
}

/** @throws {Error} for a class that has no function here */
export function operationFromKeras(
  object: Readonly<Record<string, unknown>>,
  call: Call | undefined,
): Record<string, unknown> {
  const { module, class_name: className } = object;
  const key = `${String(module).replace("keras.src.ops.", "")}.${className}`;
  const saved = byClass.get(key);
  if (saved === undefined || !call) {
    throw new Error(
      `the operation ${shortText(className)} of ${
        shortText(module)
      } has no counterpart in keras.ops here`,
    );
  }
  const { positional, fixed } = rules.get(saved)!;
  const { name: _, ...config } = (object.config ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fixed)) {
    if (Object.hasOwn(config, name) && config[name] !== value) {
      throw new Error(
        `${className}: ${name} is ${shortText(config[name])}, expected ${value}`,
      );
    }
    delete config[name];
  }
  const given = [...call.args];
  const named = new Map(Object.entries(call.kwargs));
  const next = (name: string) => {
    if (given.length > 0) return given.shift();
    const value = named.get(fromKerasName(name));
    named.delete(fromKerasName(name));
    return value;
  };
  const args: unknown[] = [];
  for (const { name, isSetting } of positional) {
    if (name.startsWith("...")) args.push(...given.splice(0));
    else if (!isSetting) args.push(next(name));
    else {
      const values = name.split("+").map((one) => config[one]);
      args.push(name.includes("+") ? values : values[0]);
      for (const one of name.split("+")) delete config[one];
    }
  }
  for (const name of rules.get(saved)!.named) named.set(fromKerasName(name), next(name));
  if (given.length > 0) {
    throw new Error(`${className} is called with ${given.length} arguments too many`);
  }
  // What is null is left out here.
  const options = [
    ...Object.entries(config).map(([name, value]) => [fromKerasName(name), value]),
    ...named,
  ].filter(([, value]) => (value ?? null) !== null);
  if (options.length > 0) args.push(Object.fromEntries(options));
  return {
    className: TENSOR_OPERATION,
    config: { operation: saved },
    inboundNodes: [{ args, kwargs: {} }],
  };
}
