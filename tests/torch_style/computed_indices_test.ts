/** Indices that a program computes itself: a negative one is refused where PyTorch refuses it, not taken from the back. */
import { assertEquals, assertRejects } from "@std/assert";
import { OnnxRuntimeError } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";

const table = torch.tensor([[1, 2], [3, 4], [5, 6]]);
const COUNT = 5000;

/** So many that they are computed by ONNX Runtime. */
function computed(index: number): torch.Tensor {
  return torch.argmax(torch.rand(COUNT, 4), { dim: 1 }).mul(0).add(index);
}

const uses: Record<string, (indices: torch.Tensor) => torch.Tensor> = {
  embedding: (i) => torch.nn.functional.embedding(i, table),
  gather: (i) => torch.gather(table, 0, i.unsqueeze(1)),
  indexSelect: (i) => table.indexSelect(0, i),
  scatterAdd: (i) => torch.zeros(3, 1).scatterAdd(0, i.unsqueeze(1), torch.ones(COUNT, 1)),
  crossEntropy: (i) => torch.nn.functional.crossEntropy(torch.zeros(COUNT, 3), i),
  nllLoss: (i) => torch.nn.functional.nllLoss(torch.zeros(COUNT, 3), i),
};

for (const [name, use] of Object.entries(uses)) {
  Deno.test(`${name}: computed indices below 0 and beyond the end are refused, others are right`, async () => {
    for (const index of [-1, -3, -300, 3, 300]) {
      await assertRejects(
        () => use(computed(index)).sum().item(),
        OnnxRuntimeError,
        undefined,
        `${index}`,
      );
    }
    const known = torch.full([COUNT], 1).long();
    assertEquals(await use(computed(1)).sum().item(), await use(known).sum().item());
  });
}
