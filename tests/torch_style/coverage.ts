/**
 * How many of PyTorch's public names for dense tensors (tests/golden/torch_names.py) are here. Run by itself it prints
 * the README's table.
 */
import { markdownTable } from "markdown-table";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_names.json" with { type: "json" };

/** Where names are counted. */
export type Place = keyof typeof golden.names;

/** The names of one place. */
export interface Coverage {
  readonly place: Place;
  /** As in the README's table. */
  readonly title: string;
  readonly present: readonly string[];
  readonly missing: readonly string[];
}

/** PyTorch's name in camelCase; a final underscore stays, and names without one are the same. */
export function camelCase(name: string): string {
  return name.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const indices: Record<Place, readonly [title: string, namespace: object]> = {
  nn: ["`torch.nn`", torch.nn],
  functional: ["`torch.nn.functional`", torch.nn.functional],
  optim: ["`torch.optim`", torch.optim],
  lrScheduler: ["`torch.optim.lr_scheduler`", torch.optim.lrScheduler],
  Tensor: ["`torch.Tensor`", torch.tensor([1, 2])],
  torch: ["`torch`", torch],
};

/** `var` is no name that TypeScript can declare: the function is called variance. */
const RENAMED: Partial<Record<Place, Record<string, string>>> = { torch: { var: "variance" } };

/** What is here and what is not, a place each. */
export function coverage(): Coverage[] {
  return (Object.keys(indices) as Place[]).map((place) => {
    const [title, namespace] = indices[place];
    const isHere = (name: string) => (RENAMED[place]?.[name] ?? camelCase(name)) in namespace;
    const names = golden.names[place];
    return {
      place,
      title,
      present: names.filter(isHere),
      missing: names.filter((name) => !isHere(name)),
    };
  });
}

/** The README's table. */
export function coverageTable(): string {
  const rows = coverage().map(({ title, present, missing }) => {
    const all = present.length + missing.length;
    return [
      title,
      String(all),
      String(present.length),
      `${(100 * present.length / all).toFixed(0)} %`,
    ];
  });
  return markdownTable([["names of PyTorch", "for dense tensors", "here", "share"], ...rows], {
    align: ["l", "r", "r", "r"],
  });
}

if (import.meta.main) console.log(coverageTable());
