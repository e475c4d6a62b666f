/**
 * Rates by a function of one's own.
 * @module
 */
import { type Call, kind, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, LRScheduler, optimizerKind } from "./scheduler.ts";

type Factor = (epoch: number) => number;
const factorKind = kind<Factor>("a function", (value) => typeof value === "function");
const LAMBDA_LR = signature("LambdaLR", ["optimizer", optimizerKind], [
  "lrLambda",
  kinds.either(factorKind, kinds.listOf(factorKind)),
]);

type LambdaArguments = Call<
  typeof LAMBDA_LR,
  Record<never, never>,
  [optimizer: AnyOptimizer, lrLambda: Factor | readonly Factor[]]
>;

/** @throws {Error} if there are not as many as groups */
function onePerGroup(
  optimizer: AnyOptimizer,
  given: Factor | readonly Factor[],
): readonly Factor[] {
  const groups = optimizer.paramGroups.length;
  const factors = typeof given === "function" ? Array.from({ length: groups }, () => given) : given;
  if (factors.length === groups) return factors;
  throw new Error(`Expected ${groups} lr_lambdas, but got ${factors.length}`);
}

/**
 * The base rate times a function of the epoch; one function, or one a group.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends LRScheduler {
  readonly #factors: readonly Factor[];

  constructor(...given: LambdaArguments) {
    const { optimizer, lrLambda } = LAMBDA_LR.read(given);
    const factors = onePerGroup(optimizer, lrLambda);
    super(optimizer);
    this.#factors = factors;
    this.begin();
  }

  protected override rates(): number[] {
    return this.#factors.map((factor, i) => this.baseLrs[i] * factor(this.lastEpoch));
  }
}

/**
 * The last rate times a function of the epoch; one function, or one a group.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends LRScheduler {
  readonly #factors: readonly Factor[];

  constructor(...given: LambdaArguments) {
    const { optimizer, lrLambda } = LAMBDA_LR.named("MultiplicativeLR").read(given);
    const factors = onePerGroup(optimizer, lrLambda);
    super(optimizer);
    this.#factors = factors;
    this.begin();
  }

  /** At a milestone it goes on from the rates of the scheduler before, as in PyTorch. */
  override restart(): void {
    this.lastEpoch = 0;
    this.apply();
  }

  protected override rates(): number[] {
    const rates = this.presentRates();
    if (this.isInitial) return rates;
    return this.#factors.map((factor, i) => rates[i] * factor(this.lastEpoch));
  }
}
