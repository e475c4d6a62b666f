/** More programs of torch_style/examples/: sequences, pictures as outputs, distances, rewards. */
import * as gpt from "../../../torch_style/examples/gpt.ts";
import * as style from "../../../torch_style/examples/neural_style.ts";
import * as policy from "../../../torch_style/examples/policy_gradient.ts";
import * as seq2seq from "../../../torch_style/examples/seq2seq_attention.ts";
import * as siamese from "../../../torch_style/examples/siamese_triplet.ts";
import * as superResolution from "../../../torch_style/examples/super_resolution.ts";
import * as sequence from "../../../torch_style/examples/time_sequence.ts";
import * as unet from "../../../torch_style/examples/unet.ts";
import * as torch from "../../../torch_style/mod.ts";
import { BATCHES, data, fill, images, testProgram } from "./program.ts";

testProgram("super_resolution", superResolution.main, 0.006, () => {
  const net = fill(new superResolution.Net());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 4e-3 });
  const batches = BATCHES.map((batch) => [data(1000 + batch, 16, 1, 32, 32)]);
  return superResolution.train(net, optimizer, batches);
});

testProgram("siamese_triplet", siamese.main, 0.33, () => {
  const net = fill(new siamese.EmbeddingNet());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 2e-3 });
  return siamese.train(net, optimizer, BATCHES.map((batch) => images(batch, 32)));
});

testProgram("policy_gradient", policy.main, -5, async () => {
  const net = fill(policy.makePolicy());
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.02 });
  const steps = Array.from({ length: 20 }, (_, i) => i);
  const losses: number[] = [];
  for (const batch of BATCHES) {
    const states = await data(1000 + batch, 20, 4).tolist() as number[][];
    const actions = steps.map((i) => (7 * i + batch) % 3 % 2);
    const returns = policy.returnsOf(steps.map((i) => (i * 7 + batch) % 5));
    losses.push(await policy.update(net, optimizer, { states, actions, returns }));
  }
  return losses;
});

testProgram("time_sequence", sequence.main, 0.02, async () => {
  const net = fill(new sequence.Sequence()).double();
  const waves = sequence.sineWaves(4, 13);
  const [input, target] = [waves.narrow(1, 0, 12), waves.narrow(1, 1, 12)];
  const optimizer = sequence.optimizerOf(net);
  const losses: number[] = [];
  for (const _ of BATCHES) losses.push(await sequence.step(net, optimizer, input, target));
  const outputs = torch.noGrad(() => net(input.narrow(0, 0, 1), 3));
  return [...losses, await outputs.narrow(1, 12, 3).flatten().tolist() as number[]];
});

testProgram("gpt", gpt.main, 0.9, () => {
  const sizes = { vocabulary: 17, blockSize: 32, layers: 2, heads: 4, width: 64, dropout: 0 };
  const net = fill(new gpt.GPT(sizes));
  const batches = BATCHES.map((batch) => {
    const text = torch.tensor(
      Array.from(
        { length: 8 },
        (_, i) => Array.from({ length: 33 }, (_, t) => (t * t + 5 * i + batch) % 17),
      ),
    );
    return [text.narrow(1, 0, 32), text.narrow(1, 1, 32)];
  });
  return gpt.train(net, net.configureOptimizer(), batches);
});

testProgram("unet", unet.main, 0.3, () => {
  const net = fill(new unet.UNet());
  const optimizer = new torch.optim.RMSprop(net.parameters(), { lr: 2e-3, momentum: 0.9 });
  const batches = BATCHES.map((batch) => {
    const x = data(1000 + batch, 16, 1, 32, 32);
    return [x, x.gt(0.3).float()];
  });
  return unet.train(net, optimizer, batches);
});

testProgram("seq2seq_attention", seq2seq.main, 0.8, async () => {
  const encoder = fill(new seq2seq.Encoder(32));
  const decoder = fill(new seq2seq.AttentionDecoder(32), 50);
  const optimizers = [encoder, decoder].map((net) =>
    new torch.optim.Adam(net.parameters(), { lr: 0.01 })
  );
  const batches = BATCHES.map((batch) => {
    const digits = torch.tensor(
      Array.from(
        { length: 16 },
        (_, i) => Array.from({ length: 6 }, (_, t) => (3 * t * t + 7 * i + batch) % 10),
      ),
    );
    return [digits, digits.flip(1)];
  });
  const losses = await seq2seq.train(encoder, decoder, optimizers, batches);
  const [digits, target] = batches.at(-1)!;
  const [, attention] = torch.noGrad(() => decoder(...encoder(digits), target));
  return [...losses, await attention.index(0, 0).tolist() as number[]];
});

testProgram("neural_style", style.main, 0.5, async () => {
  const net = fill(new style.Features());
  const [content, other] = [1000, 1001].map((seed) => data(seed, 1, 3, 32, 32).mul(0.5).add(0.5));
  const image = content.clone();
  const losses = await style.transfer(net, image, { content, style: other }, { steps: 5 });
  return [...losses, await image.detach().mean([0, 2, 3]).tolist() as number[]];
});
