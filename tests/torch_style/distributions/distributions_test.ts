/** Distributions against PyTorch's figures (tests/golden/torch_distributions.py), and their draws against their own. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_distributions.json" with { type: "json" };

const { distributions: D } = torch;

type Values = number | string | Values[];
type Numbers = number | Numbers[];
type Given = Values[] | Record<string, Values>;

/** Infinities and NaN are written as text. */
function decoded(values: Values): Numbers {
  return Array.isArray(values) ? values.map(decoded) : Number(values);
}

/** Leaves of float64. */
function leaf(values: Values): torch.Tensor {
  return torch.tensor(decoded(values), { dtype: "float64", requiresGrad: true });
}

function make(name: string, given: Given): [torch.distributions.Distribution, torch.Tensor[]] {
  const Class = D[name as "Normal"] as unknown as new (
    ...given: unknown[]
  ) => torch.distributions.Distribution;
  if (Array.isArray(given)) {
    const leaves = given.map(leaf);
    return [new Class(...leaves), leaves];
  }
  const [[key, values]] = Object.entries(given);
  const parameter = leaf(values);
  return [new Class({ [key]: parameter }), [parameter]];
}

async function assertClose(x: torch.Tensor, expected: unknown, what: string): Promise<void> {
  const wanted = [expected].flat(9).map(Number);
  const found = Array.from(await x.data(), Number);
  assertEquals(found.length, wanted.length, what);
  found.forEach((value, i) => {
    if (!Number.isFinite(wanted[i])) assertEquals(value, wanted[i], what);
    else assertAlmostEquals(value, wanted[i], 1e-6 * Math.max(1, Math.abs(wanted[i])), what);
  });
}

for (const [i, one] of golden.cases.entries()) {
  Deno.test(`${one.name} ${i}: densities, gradients and figures are PyTorch's`, async () => {
    const given = one.args.length > 0 ? one.args : one.named as Record<string, Values>;
    const [made, leaves] = make(one.name, given as Given);
    assertEquals(made.batchShape, one.batchShape);
    const dtype = one.name === "Categorical" ? "int64" : "float64";
    const logProb = made.logProb(torch.tensor(one.value as number[], { dtype }));
    await assertClose(logProb, one.logProb, "logProb");
    const finite = torch.where(logProb.detach().isfinite(), logProb, 0).sum();
    const gradients = torch.autograd.grad(finite, leaves, { allowUnused: true, retainGraph: true });
    for (const [k, gradient] of gradients.entries()) {
      const expected = (one.gradients as unknown[])[k];
      const known = gradient ?? torch.zerosLike(leaves[k]);
      await assertClose(known, expected ?? [known.shape].flat().fill(0), `gradient ${k}`);
    }
    await assertClose(made.entropy(), one.entropy, "entropy");
    if ("mean" in one) await assertClose(made.mean, one.mean, "mean");
    if ("stddev" in one) await assertClose(made.stddev, one.stddev, "stddev");
    if ("cdf" in one) {
      await assertClose(
        (made as torch.distributions.Normal).cdf(leaf(one.value as Values)),
        one.cdf,
        "cdf",
      );
    }
    if ("kl" in one) {
      const given = one.other ?? golden.others[one.name as "Normal"];
      const [other] = make(one.name, given as Given);
      await assertClose(D.klDivergence(made, other), one.kl, "klDivergence");
    }
  });
}

Deno.test("draws have the distribution's mean and deviation, the shape asked for, and the seed repeats them", async () => {
  const n = 20000;
  for (
    const made of [
      new D.Normal(2, torch.tensor([0.5, 3])),
      new D.Uniform(torch.tensor([-1.5, 2]), 4),
      new D.Bernoulli(torch.tensor([0.2, 0.7])),
    ]
  ) {
    torch.manualSeed(5);
    const draws = made.sample([n]);
    assertEquals(draws.shape, [n, 2]);
    assertEquals(draws.requiresGrad, false);
    torch.manualSeed(5);
    assertEquals(await made.sample([n]).tolist(), await draws.tolist());
    const [mean, wanted, std] = await Promise.all([
      draws.mean(0).tolist(),
      made.mean.tolist(),
      made.stddev.tolist(),
    ]) as number[][];
    mean.forEach((value, i) => {
      assert(Math.abs(value - wanted[i]) < 5 * std[i] / Math.sqrt(n), `${value}, not ${wanted[i]}`);
    });
  }
  torch.manualSeed(5);
  const shares = new D.Categorical(torch.tensor([[1.0, 3, 0], [0.5, 0.25, 0.25]]));
  const draws = shares.sample([n]);
  assertEquals([draws.shape, draws.dtype], [[n, 2], "int64"]);
  for (const k of [0, 1, 2]) {
    const [found, wanted] = await Promise.all([
      draws.eq(k).float().mean(0).tolist(),
      shares.probs.select(-1, k).tolist(),
    ]) as number[][];
    found.forEach((share, i) => assertAlmostEquals(share, wanted[i], 0.02));
  }
  assertEquals(shares.sample().shape, [2]);
});

Deno.test("gradients flow through rsample, not through sample", async () => {
  const loc = torch.zeros([3], { requiresGrad: true });
  const scale = torch.ones([3], { requiresGrad: true });
  new D.Normal(loc, scale).rsample([4]).sum().backward();
  assertEquals(await loc.grad!.tolist(), [4, 4, 4]);
  assert((await scale.grad!.tolist() as number[]).every((value) => value !== 0));
  assertThrows(() => new D.Bernoulli(0.5).rsample(), Error, "has no rsample");
});

Deno.test("independent ones are one event", async () => {
  const base = new D.Normal(torch.zeros(2, 3), 1);
  const joint = new D.Independent(base, 1);
  assertEquals([joint.batchShape, joint.eventShape], [[2], [3]]);
  const x = joint.sample([5]);
  assertEquals([x.shape, joint.logProb(x).shape], [[5, 2, 3], [5, 2]]);
  await assertClose(joint.entropy(), await base.entropy().sum(-1).tolist(), "entropy");
  assertThrows(() => new D.Independent(base, 3), Error, "expected 0 to 2");
});

Deno.test("parameters that cannot be are refused", () => {
  assertThrows(() => new D.Categorical({}), Error, "either probs or logits must be specified");
  assertThrows(
    () => new D.Bernoulli({ probs: 0.5, logits: 0 }),
    Error,
    "either probs or logits must be specified",
  );
  assertThrows(() => new D.Categorical(torch.tensor(0.5)), Error, "at least one-dimensional");
  assertThrows(
    () => D.klDivergence(new D.Normal(0, 1), new D.Uniform(0, 1)),
    Error,
    "no formula for Normal and Uniform",
  );
});
