/**
 * Gradients: of a loss, of a gradient, through a function of one's own.
 *
 *   deno run --permission-set=default torch_style/examples/autograd.ts
 * @module
 */
import { torch } from "@tandem/tandem";

/** Rounds, and hands gradients on as if it had not. */
class RoundStraightThrough extends torch.autograd.Function {
  static override forward(_: torch.autograd.FunctionContext, input: torch.Tensor) {
    return input.round();
  }
  static override backward(_: torch.autograd.FunctionContext, gradient: torch.Tensor) {
    return gradient;
  }
}

/** Prints what a reader of the walkthrough expects. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const x = torch.tensor([1, 2, 3], { dtype: "float32", requiresGrad: true });
  x.mul(x).sum().backward();
  print("d sum(x²) / dx =", await x.grad!.tolist());

  const [first] = torch.autograd.grad([x.pow(3).sum()], [x], { createGraph: true });
  const [second] = torch.autograd.grad([first!.sum()], [x]);
  print("d² sum(x³) / dx² =", await second!.tolist());

  {
    using _ = torch.noGrad();
    x.sub_(x.grad!, { alpha: 0.1 });
  }
  print("x after a step =", (await x.tolist() as number[]).map((v) => v.toFixed(1)));

  const y = torch.tensor([0.4, 1.6], { requiresGrad: true });
  RoundStraightThrough.apply(y).mul(2).sum().backward();
  print("straight through a rounding:", await y.grad!.tolist());

  const h = torch.tensor([2], { dtype: "float32", requiresGrad: true }).mul(3);
  const product = h.mul(h);
  h.add_(1);
  try {
    product.backward();
  } catch (error) {
    print("caught:", (error as Error).message.split(":")[0]);
  }
}

if (import.meta.main) await main();
