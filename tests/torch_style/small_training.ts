/** A training of real layers' sizes, for tests of what is kept, what is computed and what is freed. */
import * as torch from "../../torch_style/mod.ts";

const { nn, optim } = torch;
const F = nn.functional;

/** 64-256-100 on 16 samples: weights of 16,384 and 25,600 elements, activations of 4,096. */
export function setUp({ momentum = 0.9, inplace = false } = {}) {
  torch.manualSeed(1);
  const relu = new nn.ReLU({ inplace });
  const model = new nn.Sequential(new nn.Linear(64, 256), relu, new nn.Linear(256, 100));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum });
  const x = torch.randn([16, 64]);
  const y = torch.randint(0, 100, [16]);
  const weight = (model[0] as torch.nn.Linear).weight;
  const step = async () => {
    optimizer.zeroGrad();
    const output = model(x);
    const part = F.crossEntropy(output, y);
    const loss = part.add(weight.square().sum().mul(1e-3));
    loss.backward();
    await optimizer.step();
    return { output, part, loss };
  };
  return { model, optimizer, x, y, weight, step };
}
