/**
 * One network written in the three ways of PyTorch: as a class, as a `Sequential`, and mixed. With the same
 * weights all three give the same logits.
 *
 *   deno run --permission-set=default torch_style/examples/nn_three_ways.ts
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** A class with one field a layer and a forward function that says how they are used. */
export class ClassNetwork extends nn.Module {
  conv1 = new nn.Conv2d(3, 32, 3, { padding: "same" });
  conv2 = new nn.Conv2d(32, 64, 3, { padding: "same" });
  pool = new nn.MaxPool2d(2);
  dense1 = new nn.Linear(4096, 100);
  dropout = new nn.Dropout(0.5);
  dense2 = new nn.Linear(100, 10);

  override forward(x: torch.Tensor): torch.Tensor {
    x = this.pool(nn.functional.relu(this.conv1(x)));
    x = this.pool(nn.functional.relu(this.conv2(x)));
    x = this.dropout(nn.functional.relu(this.dense1(torch.flatten(x, 1))));
    return this.dense2(x);
  }
}

/** No class at all: layers in the order in which they are applied. */
export function sequentialNetwork(): torch.nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(3, 32, 3, { padding: "same" }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 64, 3, { padding: "same" }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(4096, 100),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(100, 10),
  );
}

/** A class whose parts are `Sequential`s, some of them made by a function. */
export class MixedNetwork extends nn.Module {
  features = new nn.Sequential(block(3, 32), block(32, 64));
  classifier = new nn.Sequential({
    flatten: new nn.Flatten(),
    hidden: new nn.Linear(4096, 100),
    relu: new nn.ReLU(),
    dropout: new nn.Dropout(0.5),
    output: new nn.Linear(100, 10),
  });

  override forward(x: torch.Tensor): torch.Tensor {
    return this.classifier(this.features(x));
  }
}

function block(inChannels: number, outChannels: number): torch.nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(inChannels, outChannels, 3, { padding: "same" }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
}

/** The three networks with the weights of the first. */
export function threeNetworks(): torch.nn.Module[] {
  const networks = [new ClassNetwork(), sequentialNetwork(), new MixedNetwork()];
  const weights = Object.values(networks[0].stateDict());
  for (const network of networks.slice(1)) {
    const names = Object.keys(network.stateDict());
    network.loadStateDict(Object.fromEntries(names.map((name, i) => [name, weights[i]])));
  }
  return networks;
}

if (import.meta.main) {
  torch.manualSeed(1);
  const images = torch.rand([2, 3, 32, 32]);
  for (const network of threeNetworks()) {
    console.log(String(network));
    console.log(network.countParameters(), "parameters");
    console.log(await network.eval()(images).select(0, 0).tolist(), "\n");
  }
}
