/** More functions of tensors, and linear algebra, against PyTorch's values (tests/golden/torch_functions.py). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_functions.json" with { type: "json" };
import { type GoldenCase, type Rule, tensorOf, testCases } from "./golden.ts";

/** How a recorded call was made. */
interface Recorded {
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  /** Which of several results is compared. */
  readonly part: number | null;
  readonly where: "torch" | "linalg";
  /** The tensors are one argument, a list. */
  readonly listed: boolean;
  readonly detach: boolean;
}

type AnyFunction = (...args: unknown[]) => unknown;

function functionOf(name: string, where: Recorded["where"]): AnyFunction {
  const namespace = (where === "linalg" ? torch.linalg : torch) as unknown as Record<
    string,
    AnyFunction
  >;
  const found = namespace[name] ??
    ((x: torch.Tensor, ...rest: unknown[]) =>
      (x as unknown as Record<string, AnyFunction>)[name](...rest));
  assert(typeof found === "function", `${where}.${name} is there`);
  return found;
}

function partOf(result: unknown, part: number | null): torch.Tensor {
  if (part === null) {
    return result instanceof torch.Tensor ? result : Object.values(result as object)[0];
  }
  return Object.values(result as object)[part] as torch.Tensor;
}

function recorded(name: string): Rule {
  return (inputs, { args, options, part, where, listed, detach }: Recorded) => {
    const given = detach ? inputs.map((x) => x.detach()) : inputs;
    const named = Object.keys(options).length > 0 ? [options] : [];
    return partOf(functionOf(name, where)(...(listed ? [given] : given), ...args, ...named), part);
  };
}

/** Calls whose second argument is an axis and whose third is a tensor of indices. */
function indexed(name: string): Rule {
  return ([x, at, ...more], { dim, rest, options }) => {
    const named = Object.keys(options).length > 0 ? [options] : [];
    return functionOf(name, "torch")(x, dim, at, ...more, ...rest, ...named) as torch.Tensor;
  };
}

const cases = golden.cases as GoldenCase[];
const rules: Record<string, Rule> = {};
for (const { name, options } of cases) {
  rules[name] = "rest" in (options as object) ? indexed(name) : recorded(name);
}
rules.einsum = (inputs, { equation }) => torch.einsum(equation, inputs);
rules.trapezoid = rules.cumulativeTrapezoid = ([y, x], { options }) =>
  options.dx ? torch.cumulativeTrapezoid(y, null, options) : torch.trapezoid(y, x ?? null);
testCases(cases, rules);

Deno.test("allclose holds where isclose does everywhere", async () => {
  for (const { name, inputs, options, output } of cases) {
    if (name !== "isclose") continue;
    const { args, options: named } = options as Recorded;
    const [a, b] = inputs.map((flat) => tensorOf(flat).detach());
    const close = functionOf("allclose", "torch")(a, b, ...args, named);
    assertEquals(await close, output.data.every(Boolean), JSON.stringify(inputs));
  }
  const bytes = (value: number) => torch.tensor([value], { dtype: "uint8" });
  assertEquals(await torch.allclose(bytes(1), bytes(3), { atol: 1 }), false);
  assertThrows(() => torch.isclose(bytes(1), bytes(1), { rtol: -1 }), Error, "rtol must be");
});

Deno.test("a single value has one axis, no second; nothing has no largest element", () => {
  const [single, empty] = [torch.tensor(2.5), torch.zeros([2, 0])];
  for (const name of ["sum", "softmax", "argmax", "cumsum", "sort", "flip", "squeeze", "all"]) {
    const call = functionOf(name, "torch");
    assertThrows(() => call(single, name === "flip" ? [1] : 1), Error, "axis 1 is out of range");
  }
  assertThrows(() => single.sum([0, -1]), Error, "twice");
  for (const name of ["argmax", "argmin", "amax", "amin"]) {
    for (const rest of [[], [1]]) {
      assertThrows(() => functionOf(name, "torch")(empty, ...rest), Error, "non-zero size");
    }
  }
  assertEquals(empty.argmax(0).shape, [0]);
});
