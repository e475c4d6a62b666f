/** autograd.detectAnomaly names the first function whose gradient is NaN, as PyTorch does. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } = torch.autograd;

/** Functions of a vector whose gradient is NaN, and what PyTorch calls them. */
const faults: Record<string, [run: (x: torch.Tensor) => torch.Tensor, values: number[]]> = {
  "SqrtBackward0": [(x) => x.sqrt(), [1, -1]],
  "LogBackward0": [(x) => x.log().mul(0).div(0), [1, 2]],
  "PowBackward0": [(x) => x.pow(0.3), [-4, 1]],
};

for (const [name, [run, values]] of Object.entries(faults)) {
  Deno.test(`a NaN that ${name} meets or makes is an error with a name and a line`, async () => {
    const x = torch.tensor(values, { dtype: "float32", requiresGrad: true });
    const error = await assertRejects(
      () => detectAnomaly(() => run(x).sum().backward()),
      Error,
      "returned nan values in its 0th output",
    );
    assert(/Function '\w+Backward0'/.test(error.message), error.message);
    assertStringIncludes(error.message, "anomaly_test.ts:");
    if (name !== "LogBackward0") assertStringIncludes(error.message, `'${name}'`);
  });
}

Deno.test("the step of an optimizer is not made; outside nothing is looked at", async () => {
  const linear = new torch.nn.Linear(2, 2);
  const optimizer = new torch.optim.SGD(linear.parameters(), { lr: 0.1 });
  const before = await linear.weight.tolist();
  const step = async () => {
    optimizer.zeroGrad();
    linear(torch.ones([1, 2])).mul(-1).abs().neg().sqrt().sum().backward();
    await optimizer.step();
  };
  await assertRejects(() => detectAnomaly(step), Error, "'SqrtBackward0' returned nan values");
  assertEquals(await linear.weight.tolist(), before);
  const fine = async () => {
    optimizer.zeroGrad();
    linear(torch.ones([1, 2])).square().sum().backward();
    await optimizer.step();
    return isAnomalyEnabled();
  };
  assertEquals(await detectAnomaly(fine), true);
  assertEquals(await fine(), false);
  setDetectAnomaly(true);
  try {
    await assertRejects(step, Error, "returned nan values");
  } finally {
    setDetectAnomaly(false);
  }
});
