/**
 * Rows of what is known about weights before anything is computed.
 * @module
 */
import { unpairedText } from "../pairing/layer_pairs.ts";
import type { PreparedPair } from "../models/prepared_pair.ts";
import type { LayerRow } from "../report/report.ts";
import { loneRow } from "../report/rows.ts";

const [kind, pass] = ["weight", "weights"] as const;

/** What has no counterpart, or does not fit: whatever it computes is not compared. */
export function pairingRows({ weights, pairing }: PreparedPair): LayerRow[] {
  const unpaired = pairing.unpaired.map((one) =>
    loneRow(
      {
        keras: one.side === "Keras" ? one.layer.name : "",
        torch: one.side === "PyTorch" ? one.module.path || "the model itself" : "",
        part: "weights",
        kind,
        pass,
      },
      [],
      `not compared: ${unpairedText(one)} has no counterpart`,
      "not compared",
    )
  );
  const misfitting = weights.misfitting.map(({ pair, part, path, shape, text }) =>
    loneRow(
      { keras: pair.layer.name, torch: path, part, kind, pass },
      shape,
      `shapes differ: ${text}`,
    )
  );
  const lone = weights.lone.map(({ pair, part, path, shape, side }) =>
    loneRow({ keras: pair.layer.name, torch: path, part, kind, pass }, shape, `only ${side} has it`)
  );
  return [...unpaired, ...misfitting, ...lone];
}

/** What is frozen, in one model only or in both. */
export function frozenRows({ weights, keras }: PreparedPair): LayerRow[] {
  const trainable = new Set<unknown>(keras.trainableVariables);
  return weights.both.filter(({ statistic }) => !statistic).flatMap((weight) => {
    const { pair, part, path, arrangement, variable, tensor } = weight;
    const [inKeras, inTorch] = [!trainable.has(variable), !tensor.requiresGrad];
    if (!inKeras && !inTorch) return [];
    const names = { keras: pair.layer.name, torch: path, part, kind, pass };
    return inKeras && inTorch
      ? [loneRow(names, arrangement.shape, "frozen in both", "agrees")]
      : [loneRow(names, arrangement.shape, `frozen in ${inKeras ? "Keras" : "PyTorch"} only`)];
  });
}
