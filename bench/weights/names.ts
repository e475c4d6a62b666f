/**
 * Names of parameters elsewhere: as torchvision, timm and others call those of a network here.
 * @module
 */
import type { BenchModel, NameRule } from "../models/bench_model.ts";

/** As the network here has them. */
export const OWN_NAMES = "own";

/** The ways in which a network's parameters are named that are known, its own first. */
export function namingsOf({ names }: Pick<BenchModel, "names">): string[] {
  return [OWN_NAMES, ...Object.keys(names)];
}

/** What a parameter is called elsewhere: the first rule that fits is followed. */
export function nameIn(rules: readonly NameRule[], own: string): string {
  const rule = rules.find(([pattern]) => pattern.test(own));
  return rule ? own.replace(rule[0], rule[1]) : own;
}

/** The rules of a naming; none change a network's own names. */
export function rulesOf({ names }: Pick<BenchModel, "names">, naming: string): readonly NameRule[] {
  return names[naming] ?? [];
}

/** The naming by which most of a file's names are the network's; of equals the first. */
export function namingOf(
  model: Pick<BenchModel, "names">,
  own: readonly string[],
  found: ReadonlySet<string>,
): string {
  const counts = namingsOf(model).map((naming) => {
    const rules = rulesOf(model, naming);
    return own.filter((name) => found.has(nameIn(rules, name))).length;
  });
  return namingsOf(model)[counts.indexOf(Math.max(...counts))];
}
