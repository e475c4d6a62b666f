/**
 * Rates by a function of one's own.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, FactorScheduler, optimizerKind } from "./scheduler.ts";

const LAMBDA_LR = signature("LambdaLR", ["optimizer", optimizerKind], [
  "lrLambda",
  kinds.any as Kind<((epoch: number) => number) | readonly ((epoch: number) => number)[]>,
]);

/**
 * The base rate times a function of the epoch; one function, or one a group.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends FactorScheduler {
  readonly #lambdas: readonly ((epoch: number) => number)[];

  constructor(
    ...given: Call<
      typeof LAMBDA_LR,
      Record<never, never>,
      [
        optimizer: AnyOptimizer,
        lrLambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[],
      ]
    >
  ) {
    const { optimizer, lrLambda } = LAMBDA_LR.read(given);
    super(optimizer);
    this.#lambdas = typeof lrLambda === "function" ? this.baseLrs.map(() => lrLambda) : lrLambda;
    if (this.#lambdas.length !== this.baseLrs.length) {
      throw new Error(
        `Expected ${this.baseLrs.length} lr_lambdas, but got ${this.#lambdas.length}`,
      );
    }
    this.apply();
  }

  protected override factor(epoch: number, group: number): number {
    return this.#lambdas[group](epoch);
  }
}
