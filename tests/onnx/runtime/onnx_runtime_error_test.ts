/** What ONNX Runtime says reaches a user without the files, lines and signatures of its sources. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { onnxRuntimeMessage } from "../../../onnx/runtime/onnx_runtime_error.ts";
import {
  evaluate,
  fromHost,
  GraphWriter,
  openSession,
  ops,
  runSession,
  type Shape,
} from "../../../onnx/mod.ts";
import { tensorOver } from "../../../onnx/runtime/tensors.ts";

/** As ONNX Runtime throws them: the text, and what is left of it. */
const said: Record<string, [thrown: string, shown: string]> = {
  "memory": [
    "Non-zero status code returned while running MatMul node. Name:'MatMul_0' Status Message: " +
    "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(" +
    "size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 360000000000\n",
    "MatMul: out of memory: 360,000,000,000 bytes cannot be had",
  ],
  "an index": [
    "Non-zero status code returned while running Gather node. Name:'Gather_23' Status Message: indices element out of " +
    "data bounds, idx=9 must be within the inclusive range [-5,4]",
    "Gather: index 9 is out of range, expected -5 to 4",
  ],
  "an index of ScatterND": [
    "Non-zero status code returned while running ScatterND node. Name:'ScatterND_10' Status Message: invalid indice " +
    "found, indice = 99",
    "ScatterND: index 99 is out of range",
  ],
  "a condition": [
    "Non-zero status code returned while running Concat node. Name:'c' Status Message: " +
    "/onnxruntime_src/onnxruntime/core/providers/cpu/tensor/concatbase.h:78 onnxruntime::common::Status " +
    "onnxruntime::ConcatBase::PrepareForCompute(onnxruntime::OpKernelContext*, const InlinedTensorsVector&, " +
    "onnxruntime::Prepare&) const inputs_n_rank == reference_rank was false. Ranks of input data are different.",
    "Concat: Ranks of input data are different.",
  ],
  "a condition alone": [
    "/onnxruntime_src/onnxruntime/core/graph/model.cc:182 onnxruntime::Model::Model(onnx::ModelProto&&, " +
    "const onnxruntime::PathString&, const onnxruntime::ModelOptions&) model_proto.has_graph() was false.",
    "model_proto.has_graph() was false.",
  ],
  "a template": [
    "Load model failed:/onnxruntime_src/onnxruntime/core/graph/x.cc:12 static T onnxruntime::{anonymous}::Get(int) " +
    "[with T = std::vector<int>] not there",
    "Load model failed:not there",
  ],
  "a lambda of an anonymous namespace": [
    "/onnxruntime_src/onnxruntime/core/session/utils.cc:5 auto (anonymous namespace)::Open(const char *)::(anonymous " +
    "class)::operator()() const no such file",
    "no such file",
  ],
  "Windows": [
    "D:\\a\\_work\\1\\s\\onnxruntime\\core\\session\\provider_bridge_ort.cc:1848 onnxruntime::ProviderLibrary::Get " +
    "LoadLibrary failed",
    "LoadLibrary failed",
  ],
  "two places": [
    "A (/onnxruntime_src/onnxruntime/core/a.cc:1 void onnxruntime::A() first) and " +
    "/onnxruntime_src/onnxruntime/core/b.h:2 int onnxruntime::B(int) const second",
    "A (first) and second",
  ],
};

function assertClean(message: string): void {
  assert(
    !/onnxruntime_src|onnxruntime::|\.(?:cc|h|cpp|hpp)[:(]\d|Non-zero status/.test(message),
    message,
  );
  assert(message.length > 0 && message.length <= 500, `${message.length} characters`);
}

for (const [what, [thrown, shown]] of Object.entries(said)) {
  Deno.test(`an error of ONNX Runtime about ${what} is shown without its sources`, () => {
    assertEquals(onnxRuntimeMessage(new Error(thrown)), shown);
    assertClean(
      onnxRuntimeMessage(thrown.replaceAll("/onnxruntime_src/", "/home/user/onnxruntime_src/")),
    );
    // However much of the text there is.
    for (let length = 1; length <= thrown.length; length += 7) {
      const cut = onnxRuntimeMessage(thrown.slice(0, length));
      assert(!/onnxruntime_src\S*\.(?:cc|h):\d+ /.test(cut), cut);
    }
    assert(onnxRuntimeMessage(thrown.repeat(200)).length <= 500);
  });
}

const float = (...shape: number[]) => ({ dtype: "float32", shape } as const);

/** A model with one node, as it is or damaged. */
function model(op: string, shape: Shape, attributes: Record<string, number> = {}): Uint8Array {
  const writer = new GraphWriter();
  writer.input("x", { dtype: "float32", shape });
  const [y] = [writer.node(op, ["x", ...(op === "MatMul" ? ["x"] : [])], { attributes })];
  writer.nameOutput(y, "y");
  writer.output("y", float(2, 2));
  return writer.encode();
}

const failing: Record<string, () => Promise<unknown>> = {
  "no model": () => openSession(new Uint8Array([1, 2, 3]), "cpu"),
  "an empty model": () => openSession(new Uint8Array(), "cpu"),
  "a file that is not there": () => openSession("/nowhere/model.onnx", "cpu"),
  "an op that there is not": () => openSession(model("NoSuchOp", [2, 2]), "cpu"),
  "an attribute that is wrong": () => openSession(model("Softmax", [2, 2], { axis: 9 }), "cpu"),
  "shapes that do not fit": () => openSession(model("MatMul", [2, 3]), "cpu"),
  "half a model": () => openSession(model("Relu", [2, 2]).slice(0, 40), "cpu"),
  "an input of another shape": async () => {
    const session = await openSession(model("Relu", [2, 2]), "cpu");
    const x = fromHost(new Float32Array(6), [2, 3]);
    await runSession(session, { x: tensorOver(x.buffer, x) });
  },
  "a missing input": async () => {
    await runSession(await openSession(model("Relu", [2, 2]), "cpu"), {});
  },
  "an index out of range": () => {
    const x = fromHost(new Float32Array(5000), [5000]);
    const rows = ops.add(
      fromHost(new Int32Array(2000).fill(4000), [2000]),
      fromHost(Int32Array.of(1000), []),
    );
    return evaluate([ops.gather(ops.add(x, x), rows)]);
  },
  "more memory than there is": () => {
    const column = fromHost(new Float32Array(300_000), [300_000, 1]);
    const all = ops.matmul(column, ops.reshape(column, [1, 300_000]));
    return evaluate([ops.sum(all)]);
  },
  "a result larger than memory": () => {
    const column = fromHost(new Float32Array(300_000), [300_000, 1]);
    return evaluate([ops.add(column, ops.reshape(column, [1, 300_000]))]);
  },
};

for (const [what, fail] of Object.entries(failing)) {
  Deno.test(`ONNX Runtime's error for ${what} is clean`, async () => {
    const error = await assertRejects(fail, Error);
    assertClean(error.message);
  });
}

Deno.test("indices that must lie within a range are checked before a run, however they are fed", async () => {
  const data = Int32Array.from({ length: 3000 }, (_, i) => i === 7 ? -2 : 0);
  const table = fromHost(new Float32Array(20), [10, 2]);
  const arrays = {
    "as they are": fromHost(data, [3000]),
    "reshaped": ops.reshape(fromHost(data, [3000]), [60, 50]),
    "of another type": ops.cast(fromHost(Float32Array.from(data), [3000]), "int64"),
  };
  for (const [what, array] of Object.entries(arrays)) {
    const error = await assertRejects(
      async () => await evaluate([ops.gather(table, ops.withinRange("rows", array, { to: 9 }))]),
      RangeError,
      "rows: the index value -2 is not in [0, 9]",
    );
    assert(error, what);
    await evaluate([ops.gather(table, ops.withinRange("rows", array, { from: -10, to: 9 }))]);
  }
});
