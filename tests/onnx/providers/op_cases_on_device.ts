/** Every op, its gradients and theirs on an execution provider against the CPU, with no node on the CPU. */
import { isFloating, type LazyArray, limitHostWork } from "../../../onnx/mod.ts";
import { apply } from "../../../torch_style/autograd/apply.ts";
import "../../../torch_style/ops/mod.ts";
import { Tensor } from "../../../torch_style/tensor.ts";
import { type OpCase, valuesOf } from "../op_case.ts";
import { opCases } from "../op_cases.ts";
import { agreesWithCpu, arrayOf, DEVICE, NOT_RUN, reportNotRun, TOLERANCE } from "./against_cpu.ts";

reportNotRun();

/** Ops whose results are float64 by themselves, which WebGPU has none of. */
const NEEDS_FLOAT64: ReadonlySet<string> = new Set(
  DEVICE === "webgpu" ? ["cast #0", "cast #1"] : [],
);

const SINES = new Set(["sin", "cos", "tan", "fourier"]);

for (const [name, cases] of Object.entries(opCases)) {
  cases.forEach((item, i) => {
    if (NEEDS_FLOAT64.has(`${name} #${i}`)) return;
    Deno.test({
      name: `${DEVICE}: ${name} #${i}`,
      ignore: NOT_RUN !== undefined,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        limitHostWork(0);
        const tolerance = SINES.has(name) ? TOLERANCE.sine : TOLERANCE.other;
        await agreesWithCpu(() => withGradients(name, item), tolerance);
      },
    });
  });
}

/** The result of a case, its gradients for a wavy upstream, and the gradients of the sum of their squares. */
function withGradients(name: string, item: OpCase): LazyArray[] {
  const tensors = item.inputs.map((argument, k) => {
    const dtype = argument.kind === "boolean" ? "bool" : "float32";
    const array = arrayOf(valuesOf(argument, k), argument.shape, dtype);
    return new Tensor(array, { requiresGrad: isFloating(dtype) && !item.constant });
  });
  if (item.constant) return [item.call(tensors.map((tensor) => tensor.array))];
  const y = apply(name, tensors, item.call);
  const upstream = Float32Array.from({ length: y.numel() }, (_, i) => Math.cos(i + 0.3));
  const seed = new Tensor(arrayOf(upstream, [...y.shape], y.dtype as "float32"));
  y.backward({ gradient: seed, createGraph: true });
  const first = tensors.flatMap(({ grad }) => grad ? [grad] : []);
  const results = [y, ...first].map((tensor) => tensor.array);
  const squares = first.filter((grad) => grad.requiresGrad).map((grad) => grad.mul(grad).sum());
  if (squares.length === 0) return results;
  for (const tensor of tensors) tensor.grad = null;
  squares.reduce((a, b) => a.add(b)).backward();
  return [...results, ...tensors.flatMap(({ grad }) => grad ? [grad.array] : [])];
}
