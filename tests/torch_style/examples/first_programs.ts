/** MNIST, CIFAR tutorial, ResNet18, char-RNN, VAE and DCGAN of torch_style/examples/. */
import * as charRnn from "../../../torch_style/examples/char_rnn.ts";
import * as cifar from "../../../torch_style/examples/cifar_tutorial.ts";
import * as dcgan from "../../../torch_style/examples/dcgan.ts";
import * as mnist from "../../../torch_style/examples/mnist.ts";
import * as resnet from "../../../torch_style/examples/resnet18.ts";
import * as vae from "../../../torch_style/examples/vae.ts";
import * as torch from "../../../torch_style/mod.ts";
import { BATCHES, data, fill, images, labels, testProgram } from "./program.ts";

testProgram("mnist", mnist.main, 1, async () => {
  const net = fill(new mnist.Net([0, 0]));
  const { optimizer } = mnist.training(net);
  const losses: number[] = [];
  for (const batch of BATCHES) {
    losses.push(
      await mnist.step(net, optimizer, data(1000 + batch, 4, 1, 28, 28), labels(batch, 4)),
    );
  }
  return losses;
});

testProgram("cifar_tutorial", cifar.main, 1.8, async () => {
  const net = fill(new cifar.Net());
  const parts = cifar.training(net, 0.01);
  const losses: number[] = [];
  for (const batch of BATCHES) losses.push(await cifar.step(net, parts, ...images(batch, 4)));
  return losses;
});

testProgram("resnet18", resnet.main, 2.4, () => {
  const net = fill(new resnet.ResNet18(10));
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  const batches = BATCHES.map((batch) => [data(1000 + batch, 4, 3, 64, 64), labels(batch, 4)]);
  return resnet.train(net, optimizer, batches);
});

testProgram("char_rnn", charRnn.main, 1, async () => {
  const net = fill(new charRnn.CharRNN(12, 16, 2, 0));
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.02 });
  let state: charRnn.State | null = null;
  const losses: number[] = [];
  for (const batch of BATCHES) {
    const text = torch.tensor(
      Array.from({ length: 7 }, (_, t) => [0, 1, 2].map((i) => (3 * t + 5 * i + batch) % 12)),
    );
    const [loss, next]: [number, charRnn.State] = await charRnn.step(
      net,
      optimizer,
      text.narrow(0, 0, 6),
      text.narrow(0, 1, 6),
      state,
    );
    losses.push(loss);
    state = next;
  }
  return losses;
});

testProgram("vae", vae.main, 300, async () => {
  const net = fill(new vae.VAE());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
  const losses: number[] = [];
  for (const batch of BATCHES) {
    losses.push(
      await vae.step(
        net,
        optimizer,
        data(1000 + batch, 4, 784).mul(0.5).add(0.5),
        data(2000 + batch, 4, 20),
      ),
    );
  }
  return losses;
});

testProgram("dcgan", dcgan.main, 1.4, async () => {
  const parts = dcgan.training(fill(dcgan.generator()), fill(dcgan.discriminator(), 100));
  const losses: number[][] = [];
  for (const batch of BATCHES) {
    losses.push(
      await dcgan.step(parts, data(1000 + batch, 4, 3, 32, 32), data(2000 + batch, 4, 16, 1, 1)),
    );
  }
  return losses;
});
