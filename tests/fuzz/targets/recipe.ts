/** Small files of the bench: recipes, histories, the record of a report's folder, the progress of a training. */
import { checkAblation } from "../../../bench/experiments/check_ablation.ts";
import { ablations } from "../../../bench/experiments/ablation_list.ts";
import { OutputFolder } from "../../../bench/output/folder.ts";
import { loadRecipe } from "../../../bench/recipes/mod.ts";
import { readHistory } from "../../../bench/results/history.ts";
import { Checkpoint } from "../../../bench/runner/trials/checkpoint.ts";
import { joined, mutatedBytes, mutatedJson, mutatedValue, pick } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";

const manifest = {
  version: 1,
  files: { "report.json": ["0".repeat(64)] },
  states: ["torch_seed-1"],
};
const progress = {
  fingerprint: "f",
  state: "epoch-1",
  history: [{ epoch: 1, seconds: 1, loss: 1, accuracy: 0.5, valLoss: 1, valAccuracy: 0.5 }],
  ...{ fitSeconds: 1, compileSeconds: null, engineSeconds: null },
  ...{ stepMilliseconds: [1], frameworkMilliseconds: [1], inputMilliseconds: [1] },
  beginnings: [0],
};
const line = {
  ...{ date: "2025-01-01T00:00:00Z", machine: "m", commit: null, experiment: "[]" },
  figures: { torch: { stepMs: 3 } },
};

const target: Target = {
  name: "recipe",
  async prepare(root) {
    const recipes = [await loadRecipe("published"), await loadRecipe("fixed")];
    await Deno.mkdir(`${root}/out`);
    const kept = `${root}/kept.txt`;
    await Deno.writeTextFile(kept, "mine");
    const encoder = new TextEncoder();
    const attemptOne: ((
      damage: (value: unknown) => Uint8Array,
      of: <T>(list: readonly T[]) => T,
    ) => Promise<Outcome>)[] = [
      async (damage, of) => {
        const path = `${root}/recipe.json`;
        await Deno.writeFile(path, damage(of(recipes)));
        return outcome(await attempt(() => loadRecipe(path), [path]));
      },
      async (damage) => {
        const path = `${root}/history.jsonl`;
        const [one, other] = [damage(line), damage(line)];
        await Deno.writeFile(path, joined(one, encoder.encode("\n"), other));
        return outcome(await attempt(() => readHistory(path), [path]));
      },
      async (damage) => {
        await Deno.writeFile(`${root}/out/.tandem.json`, damage(manifest));
        await Deno.mkdir(`${root}/out/unfinished`, { recursive: true });
        const opened = await attempt(async () => {
          await using folder = await OutputFolder.open(`${root}/out`, ["report.json"]);
          await folder.removeStates();
          await folder.removeOthers("charts", []);
        }, [`${root}/out`]);
        return outcome(opened);
      },
      async (damage) => {
        const folder = `${root}/state`;
        await Deno.mkdir(folder, { recursive: true });
        await Deno.writeFile(`${folder}/progress.json`, damage(progress));
        const opened = await attempt(async () => {
          const checkpoint = await Checkpoint.open({
            ...{ folder, fingerprint: "f", note: () => {} },
            measure: () => progress,
          });
          return await checkpoint.restore(() => Promise.resolve());
        });
        return outcome(opened);
      },
      (damage, of) => {
        const given = damage(of(ablations));
        return attempt(() => {
          let value: unknown;
          try {
            value = JSON.parse(new TextDecoder().decode(given));
          } catch {
            return; // A module that exports no such thing cannot be.
          }
          return checkAblation("--ablation: x.ts", value);
        }).then(outcome);
      },
    ];
    return async (random): Promise<Outcome> => {
      const damage = (value: unknown) =>
        random.below(4) === 0
          ? mutatedBytes(encoder.encode(JSON.stringify(value)), random)
          : encoder.encode(mutatedJson(mutatedValue(value, random), random));
      const result = await pick(random, attemptOne)(damage, (list) => pick(random, list));
      expect(Deno.readTextFileSync(kept) === "mine", "a file outside was changed");
      expect(namesBelow(root).every((name) => !name.endsWith(".part")), "something half-written");
      return result;
    };
  },
};

function outcome(result: { value: unknown } | { error: Error }): Outcome {
  return "error" in result ? "refused" : "taken";
}

export default target;
