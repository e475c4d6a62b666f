/**
 * Says why two optimizers move weights differently: their constants, and what their rules do differently.
 * @module
 */
import type { optimizers as kerasOptimizers } from "../../../keras_style/mod.ts";
import type { optim } from "../../../torch_style/mod.ts";
import type { PreparedPair } from "../models/prepared_pair.ts";

/** Keras' names of what both have, and how PyTorch's value is found. */
const shared: readonly [keras: string, torch: string, read: (options: Options) => unknown][] = [
  ["learningRate", "lr", ({ lr }) => lr],
  ["momentum", "momentum", ({ momentum }) => momentum],
  ["nesterov", "nesterov", ({ nesterov }) => nesterov],
  ["beta1", "betas[0]", ({ betas }) => (betas as number[] | undefined)?.[0]],
  ["beta2", "betas[1]", ({ betas }) => (betas as number[] | undefined)?.[1]],
  ["rho", "alpha", ({ alpha, rho }) => alpha ?? rho],
  ["epsilon", "eps", ({ eps }) => eps],
  ["amsgrad", "amsgrad", ({ amsgrad }) => amsgrad],
  ["centered", "centered", ({ centered }) => centered],
  ["initialAccumulatorValue", "initialAccumulatorValue", (o) => o.initialAccumulatorValue],
];

type Options = Readonly<Record<string, unknown>>;

/** A line: which weights move differently, and why. */
export function optimizerReasons(
  prepared: PreparedPair,
  optimizers: { readonly keras: kerasOptimizers.Optimizer; readonly torch: optim.Optimizer },
  wrong: number,
  all: number,
): string {
  const keras = optimizers.keras.getConfig() as Options;
  const groups = optimizers.torch.paramGroups as unknown as Options[];
  const [kerasName, torchName] = [
    optimizers.keras.constructor.name,
    optimizers.torch.constructor.name,
  ];
  const reasons = [
    ...(family(kerasName) === family(torchName)
      ? []
      : [`${kerasName} and ${torchName} are different rules`]),
    ...constantReasons(keras, groups),
    ...ruleReasons(kerasName, torchName, keras),
    ...decayReasons(prepared, keras, groups),
    ...clipReasons(keras, prepared),
  ];
  const which = wrong === all ? `all ${all} weights move` : `${wrong} of ${all} weights move`;
  const both = `${kerasName}${constantsText(keras)} and ${torchName}${
    constantsText(groups[0] ?? {})
  }`;
  return `${which} differently: ${reasons.join("; ") || "the rules differ"} (${both})`;
}

function family(name: string): string {
  return /adamw?$/i.test(name) ? "adam" : name.replace(/^KerasRule/, "").toLowerCase();
}

function constantReasons(keras: Options, groups: readonly Options[]): string[] {
  return shared.flatMap(([own, other, read]) => {
    const first = keras[own];
    const values = [...new Set(groups.map((group) => read(group)))];
    if (first === undefined || values.every((value) => value === undefined || value === first)) {
      return [];
    }
    if (typeof first === "object" && first !== null) return [];
    // An epsilon that is another one by itself: the rules say why.
    return [`${own} is ${first} in Keras, ${other} ${values.join(" and ")} in PyTorch`];
  });
}

function ruleReasons(kerasName: string, torchName: string, keras: Options): string[] {
  if (/^Adam/.test(kerasName) && /^N?Adam/.test(torchName)) {
    return ["Keras adds epsilon before bias correction (epsilon-hat), PyTorch after it"];
  }
  if (kerasName === "RMSprop" && torchName === "RMSprop") {
    return ["Keras adds epsilon under the root, PyTorch to the root"];
  }
  if (kerasName === "Adagrad" && torchName === "Adagrad") {
    const { initialAccumulatorValue } = keras;
    return [`Keras adds epsilon under the root and starts its sum at ${initialAccumulatorValue}`];
  }
  if (kerasName === "SGD" && torchName === "SGD" && Number(keras.momentum) > 0) {
    return [
      "Keras' momentum is of steps (learning rate included), PyTorch's of gradients: they part where the rate changes",
    ];
  }
  return [];
}

function decayReasons(
  { keras: model }: PreparedPair,
  keras: Options,
  groups: readonly Options[],
): string[] {
  const decays = [...new Set(groups.map(({ weightDecay }) => Number(weightDecay ?? 0)))];
  const own = Number(keras.weightDecay ?? 0);
  const penalties = [
    ...new Set(
      model.trainableWeights.flatMap(({ regularizer }) => {
        const { l1, l2 } = (regularizer ?? {}) as { l1?: number; l2?: number };
        return regularizer ? [penaltyText(Number(l1 ?? 0), Number(l2 ?? 0))] : [];
      }),
    ),
  ];
  const text = `PyTorch's weight decay is ${decays.join(" and ")}`;
  if (penalties.length > 0) return [`Keras' ${penalties.join(" and ")}; ${text}`];
  if (own === 0 && decays.every((decay) => decay === 0)) return [];
  if (own === 0) return [`${text}, Keras has none`];
  if (decays.every((decay) => decay === 0)) {
    return [`Keras' weightDecay is ${own}, PyTorch has none`];
  }
  return [
    `Keras takes weightDecay ${own} times the rate off the weights; ${text}, ` +
    `which is a part of the gradient unless the optimizer is AdamW`,
  ];
}

function penaltyText(l1: number, l2: number): string {
  return [
    ...(l2 ? [`l2(${l2}) has gradient ${+(2 * l2).toPrecision(6)} w`] : []),
    ...(l1 ? [`l1(${l1}) has gradient ${l1} sign(w)`] : []),
  ].join(" and ") || "regularizers add to the gradient";
}

function clipReasons(keras: Options, { pair }: PreparedPair): string[] {
  const where = pair.torchStep ? "torchStep" : "PyTorch, which clips nothing";
  return [
    ...(keras.clipnorm
      ? [
        `Keras clips each tensor's norm to ${keras.clipnorm} (clipnorm); ${where} does otherwise: clip_grad_norm_ is globalClipnorm`,
      ]
      : []),
    ...(keras.globalClipnorm
      ? [`Keras clips the norm of all gradients to ${keras.globalClipnorm}`]
      : []),
    ...(keras.clipvalue ? [`Keras clips values to ${keras.clipvalue}`] : []),
    ...(keras.gradientAccumulationSteps
      ? [
        `Keras updates every ${keras.gradientAccumulationSteps} steps by the mean of the gradients`,
      ]
      : []),
  ];
}

/** The constants that have a value, in parentheses. */
function constantsText(options: Options): string {
  const shown = Object.entries(options).filter(([name, value]) =>
    !["params", "name", "initialLr"].includes(name) && value !== null && value !== false &&
    value !== undefined &&
    (typeof value !== "object" || Array.isArray(value))
  );
  return `(${shown.map(([name, value]) => `${name} ${value}`).join(", ")})`;
}
