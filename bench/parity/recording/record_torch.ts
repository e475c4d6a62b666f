/**
 * A pass through the PyTorch model: every module's and op's result, the loss and the gradients, as values.
 * @module
 */
import { evaluate, type LazyArray, recordOps } from "../../../onnx/mod.ts";
import { enableGrad, type nn, noGrad, type Tensor } from "../../../torch_style/mod.ts";
import { torchBatch } from "../models/batches.ts";
import { evaluatedIn, type RecordedFunctions, recordFunctions } from "./curves.ts";
import { Dataflow } from "./dataflow.ts";
import { withSharedMasks } from "../models/masks.ts";
import { errorText, type PreparedPair, torchLoss } from "../models/prepared_pair.ts";
import { floats, functionsOf, type PassOptions } from "./record_keras.ts";
import type { Result, TorchOutput } from "./results.ts";
import { tensorsIn, type TorchCall, TorchCallWatch } from "./torch_calls.ts";
import { partOf, type WeightPair } from "../pairing/weight_pairs.ts";

/** A result with what only this idiom knows. */
export interface TorchResult extends Result {
  /** null for an op between modules. */
  readonly module: nn.AnyModule | null;
  /** Which call of the module it is of. */
  readonly turn: number;
  readonly gradient: Float32Array | null;
}

/** What a pass found. */
export interface TorchPass {
  readonly results: readonly TorchResult[];
  readonly outputs: readonly TorchOutput[];
  readonly loss: number | null;
  /** In PyTorch's layout; the part that belongs to the weight. */
  readonly gradients: ReadonlyMap<WeightPair, Float32Array>;
  readonly draws: number;
  /** What the forward pass failed with, as a line. */
  readonly error: string | null;
}

/** Ops that only move values: their results are those of another op. */
const moving = /^(transpose|reshape|expand|squeeze|unsqueeze|cast|copy|identity|detach)$/i;

/** @param sizes how many values the results of interest have, beside modules' */
export async function recordTorch(
  prepared: PreparedPair,
  { batch, training, backward }: PassOptions,
  step: number,
  sizes: ReadonlySet<number>,
): Promise<TorchPass> {
  const { torch, weights, masks, seed, pair } = prepared;
  torch.train(training);
  torch.zeroGrad();
  using watch = new TorchCallWatch(torch, backward);
  const [x, targets] = torchBatch(batch, prepared.inputs);
  let [outputs, loss, draws, error]: [Tensor[], Tensor | null, number, string | null] = [
    [],
    null,
    0,
    null,
  ];
  const { nodes } = recordOps(() => {
    try {
      const run = () => torch(...x);
      const masked = withSharedMasks(
        masks,
        seed,
        step,
        () => backward ? enableGrad(run) : noGrad(run),
      );
      [outputs, draws] = [tensorsIn(masked.result), masked.draws];
      if (training || backward) {
        loss = backward
          ? torchLoss(prepared, outputs, targets)
          : noGrad(() => torchLoss(prepared, outputs, targets));
      }
    } catch (cause) {
      error = errorText(pair, "the PyTorch model's pass failed", cause);
    }
  });
  const dataflow = new Dataflow(nodes);
  if (backward && error === null) {
    try {
      (loss as Tensor | null)?.backward();
    } catch (cause) {
      error = errorText(pair, "the PyTorch model's backward pass failed", cause);
    }
  }
  torch.train();
  const drafts = draftsOf(
    watch.calls,
    nodes.flatMap(({ op, outputs }) =>
      moving.test(op.name) ? [] : outputs.map((array) => ({ array, op: op.name }))
    ),
    sizes,
  );
  const functions = recordFunctions(drafts, x.map(({ array }) => array), dataflow);
  const grads = weights.both.map((weight) => {
    const { grad } = weight.tensor;
    return grad && !weight.statistic ? partOf(weight, grad).array : null;
  });
  const lossArray = (loss as Tensor | null)?.array ?? null;
  const wanted = [
    ...drafts.flatMap((
      { array, call },
    ) => [array, call?.gradient ?? null, call?.inputs[0] ?? null]),
    ...grads,
    ...functions.flatMap(evaluatedIn),
    ...outputs.map(({ array }) => array),
    lossArray,
  ].filter((array) => array !== null);
  await evaluate(wanted);
  return {
    results: resultsOf(drafts, functions, dataflow),
    outputs: outputs.map(({ array }) => {
      const of = drafts.findIndex((draft) => dataflow.root(draft.array) === dataflow.root(array));
      const values = { shape: array.shape, values: floats(array) };
      return of < 0 ? values : { ...values, of };
    }),
    loss: lossArray && floats(lossArray)[0],
    gradients: new Map(weights.both.flatMap((weight, i) => {
      const grad = grads[i];
      return grad ? [[weight, floats(grad)] as const] : [];
    })),
    draws,
    error,
  };
}

interface Draft {
  readonly array: LazyArray;
  readonly call: TorchCall | null;
  readonly op: string;
  readonly turn: number;
}

function draftsOf(
  calls: readonly TorchCall[],
  made: readonly { readonly array: LazyArray; readonly op: string }[],
  sizes: ReadonlySet<number>,
): Draft[] {
  const turns = new Map<nn.AnyModule, number>();
  const drafts: Draft[] = [];
  const taken = new Set<LazyArray>();
  for (const call of calls) {
    const turn = turns.get(call.module) ?? 0;
    turns.set(call.module, turn + 1);
    const [array] = call.outputs;
    if (array.dtype !== "float32") continue;
    taken.add(array);
    drafts.push({ array, call, op: "", turn });
  }
  for (const { array, op } of made) {
    if (taken.has(array) || array.dtype !== "float32" || !sizes.has(array.size)) continue;
    taken.add(array);
    drafts.push({ array, call: null, op, turn: 0 });
  }
  return drafts;
}

function resultsOf(
  drafts: readonly Draft[],
  functions: readonly RecordedFunctions[],
  dataflow: Dataflow,
): TorchResult[] {
  const at = new Map<LazyArray, number>();
  drafts.forEach(({ array }, i) => {
    const root = dataflow.root(array);
    if (!at.has(root)) at.set(root, i);
  });
  const isCall = (array: LazyArray) => at.has(array) && drafts[at.get(array)!].call !== null;
  return drafts.map(({ array, call, op, turn }, i): TorchResult => {
    const given = call ? call.inputs : dataflow.producer(array)?.inputs ?? [];
    const { arrays } = dataflow.sources(given, (one) => at.has(one) && at.get(one) !== i);
    const input = call?.inputs[0];
    return {
      name: call ? call.path : `${op}()`,
      kind: call ? call.module.constructor.name : op,
      shape: array.shape,
      values: floats(array),
      from: [...new Set(arrays.map((one) => at.get(one)!))],
      ops: call ? dataflow.sources(given, isCall).ops : [],
      isCall: call !== null,
      module: call?.module ?? null,
      turn,
      gradient: call?.gradient ? floats(call.gradient) : null,
      ...(input ? { input: { shape: input.shape, values: floats(input) } } : {}),
      ...functionsOf(functions[i]),
    };
  });
}
