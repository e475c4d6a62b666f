/**
 * Tensors: made, indexed, viewed, changed in place.
 *
 *   deno run --permission-set=default torch_style/examples/tensors.ts
 * @module
 */
import { torch } from "@tandem/tandem";

const { slice } = torch;

/** Prints what a reader of the walkthrough expects. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const x = torch.arange(12).reshape(3, 4);
  print("x =", await x.tolist());
  print("x[1] =", await x.index(1).tolist());
  print("x[:, 1:3] =", await x.index(slice(), slice(1, 3)).tolist());
  print("x[..., -1] =", await x.index("...", -1).tolist());
  print("x[x > 8] =", await x.index(x.gt(8)).tolist());
  print("x[[2, 0]] =", await x.index(torch.tensor([2, 0])).tolist());

  const column = x.index(slice(), 0);
  column.fill_(-1);
  print("a view was filled with -1, x =", await x.tolist());

  const promoted = torch.tensor([1, 2]).add(0.5);
  print("int64 + 0.5 is", promoted.dtype, await promoted.tolist());
  print("[3, 1] + [4] broadcasts to", torch.zeros([3, 1]).add(torch.zeros([4])).shape);
}

if (import.meta.main) await main();
