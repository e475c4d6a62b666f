/** What tests of exports ask of a file: what is in it, and that it computes what its module computes. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import proto from "onnx-proto";
import * as torch from "../../torch_style/mod.ts";

export async function modelOf(path: string): Promise<proto.onnx.ModelProto> {
  return proto.onnx.ModelProto.decode(await Deno.readFile(path));
}

export async function assertSame(
  loaded: torch.onnx.OnnxModule,
  module: torch.nn.AnyModule,
  ...inputs: torch.Tensor[]
) {
  module.eval();
  const expected = torch.noGrad(() => module(...inputs)) as torch.Tensor;
  const actual = await loaded.run(...inputs) as torch.Tensor;
  assertEquals([...actual.shape], [...expected.shape]);
  const [own, other] = [await expected.data(), await actual.data()];
  own.forEach((value, i) => assertAlmostEquals(Number(other[i]), Number(value), 1e-5));
}
