/** Ways of training of torch_style/examples/. */
import * as airbench from "../../../torch_style/examples/airbench_like.ts";
import * as distillation from "../../../torch_style/examples/distillation.ts";
import * as hooks from "../../../torch_style/examples/feature_hooks.ts";
import * as accumulation from "../../../torch_style/examples/gradient_accumulation.ts";
import * as best from "../../../torch_style/examples/keep_the_best.ts";
import * as mixup from "../../../torch_style/examples/mixup.ts";
import * as transfer from "../../../torch_style/examples/transfer_learning.ts";
import * as weightNorm from "../../../torch_style/examples/weight_norm.ts";
import * as torch from "../../../torch_style/mod.ts";
import { BATCHES, data, fill, images, testProgram } from "./program.ts";

const batches = () => BATCHES.map((batch) => images(batch));

testProgram("airbench_like", airbench.main, 2, async () => {
  const net = fill(new airbench.AirNet());
  const [parts, lookahead] = [airbench.optimizerOf(net, 6), new airbench.Lookahead(net)];
  const losses = await airbench.train(net, parts, lookahead, batches(), 2);
  lookahead.update(net, 1);
  return [...losses, ...await airbench.train(net, parts, lookahead, [images(0)])];
});

testProgram("transfer_learning", transfer.main, 0.68, async () => {
  const net = fill(new transfer.Net(10));
  const ofTwo = batches().map(([x, y]) => [x, y.ge(5).long()]);
  const head = transfer.asFeatureExtractor(net, 2);
  fill(net.fc, 50);
  const losses = await transfer.train(net, head, ofTwo);
  return [...losses, ...await transfer.train(net, transfer.forFineTuning(net), ofTwo)];
});

testProgram("gradient_accumulation", accumulation.main, 2.28, async () => {
  const net = fill(accumulation.makeNet());
  const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 5e-3 });
  const microBatches = Array.from({ length: 10 }, (_, i) => images(i, 8));
  const steps = await accumulation.train(net, optimizer, microBatches, { accumulation: 2 });
  return steps.map(({ loss, gradNorm }) => [loss, gradNorm]);
});

testProgram("mixup", mixup.main, 2.4, () => {
  const net = fill(mixup.makeNet());
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  let batch = 0;
  return mixup.train(net, optimizer, batches(), (x, y) => {
    const share = 0.3 + batch++ / 10;
    const mix = (a: torch.Tensor) => a.mul(share).add(a.roll(1, 0).mul(1 - share));
    return [mix(x), mix(torch.nn.functional.oneHot(y, 10).float())];
  });
});

testProgram("distillation", distillation.main, 1.8, async () => {
  const teacher = fill(new distillation.Net(16));
  const student = fill(new distillation.Net(4), 50);
  const teaching = new torch.optim.Adam(teacher.parameters(), { lr: 2e-3 });
  const losses = await distillation.train(teacher, teaching, batches());
  const learning = new torch.optim.Adam(student.parameters(), { lr: 5e-3 });
  return [...losses, ...await distillation.distill(teacher, student, learning, batches())];
});

testProgram("feature_hooks", hooks.main, 2.29, async () => {
  const net = fill(hooks.makeNet());
  const recorder = new hooks.Recorder(net, ["relu1", "relu2", "relu3"]);
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 3e-3 });
  const map = hooks.gradCam(net, recorder, images(0)[0].select(0, 0));
  const rows = await map.mean(1).tolist() as number[];
  const steps = await hooks.train(net, recorder, optimizer, batches());
  return [rows, ...steps.map(({ loss, gradients: g }) => [loss, g.relu1, g.relu2, g.relu3])];
});

testProgram("weight_norm", weightNorm.main, 0.17, () => {
  const net = fill(new weightNorm.TCN());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.01 });
  const series = BATCHES.map((batch) => [
    data(1000 + batch, 32, 2, 24),
    data(2000 + batch, 32, 1),
  ]);
  return weightNorm.train(net, optimizer, series);
});

testProgram("keep_the_best", best.main, 0.65, async () => {
  const net = fill(best.makeNet());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 3e-3 });
  const points = (batch: number) => [
    data(1000 + batch, 32, 20),
    torch.tensor(Array.from({ length: 32 }, (_, i) => (5 * i + batch) % 7 % 2)),
  ];
  const found = await best.fit(net, optimizer, BATCHES.map(points), [5, 6].map(points), {
    patience: 3,
  });
  const [next] = await best.train(net, optimizer, [points(0)]);
  return [found.losses, found.best, next];
});
