/**
 * Compares moving averages of weights: those of Keras' optimizers (`useEma`) and those of PyTorch's `AveragedModel`.
 * @module
 */
import type { optimizers as kerasOptimizers } from "../../../keras_style/mod.ts";
import type { nn, optim } from "../../../torch_style/mod.ts";
import { movedRow } from "./moved_row.ts";
import type { WeightValues } from "../pairing/weight_pairs.ts";
import type { LayerRow } from "../report/report.ts";
import { loneRow } from "../report/rows.ts";

/** PyTorch's averages of a model's weights. */
export type Averages = optim.swaUtils.AveragedModel<nn.AnyModule>;

/**
 * A row for each weight's average, and before them one that says why, where they differ.
 *
 * @param initial what the weights started from
 */
export async function averageRows(
  keras: kerasOptimizers.Optimizer,
  torch: Averages | null,
  initial: WeightValues,
  steps: number,
): Promise<LayerRow[]> {
  const { weightAverages, emaMomentum: momentum } = keras;
  if (!weightAverages && !torch) return [];
  const why = (text: string) =>
    loneRow(
      {
        ...{ keras: keras.constructor.name, torch: "AveragedModel", part: "averages" },
        ...{ kind: "weight", pass: "update" },
      },
      [],
      text,
    );
  if (!weightAverages) {
    return [why("PyTorch averages weights (torchAverage), Keras' optimizer does not (useEma)")];
  }
  if (!torch) {
    return [why("Keras' optimizer averages weights (useEma), PyTorch does not (torchAverage)")];
  }
  const ofVariable = new Map(weightAverages);
  const ofPath = new Map(torch.module.namedParameters());
  const rows = await Promise.all(
    [...initial].filter(([{ variable }]) => ofVariable.has(variable)).map(([weight, before]) => {
      const { variable, path, part } = weight;
      const [own, other] = [ofVariable.get(variable)!, ofPath.get(path)!];
      return movedRow(weight, before, own, other, steps, `average of ${part}`);
    }),
  );
  const wrong = rows.filter(({ agrees }) => !agrees).length;
  if (wrong === 0) return rows;
  const text =
    `${wrong} of ${rows.length} averages differ: Keras keeps ${momentum} of an average ` +
    `(emaMomentum) and takes the weights as they are after the first step`;
  return [why(text), ...rows];
}
