/** What happens to layers in a pass: called twice, in other shapes; random masks; weights that get no gradient. */
import type * as tf from "@tensorflow/tfjs";
import { keras, type torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";
import { chain, F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

/** A batch norm in two places, of images of one size or two. */
const shared = (padding: "same" | "valid") => () => {
  const bn = new L.BatchNormalization({ momentum: 0.8, epsilon: 1e-5, name: "bn" });
  return graph([8, 8, 3], (x) => {
    const conv = (name: string) => new L.Conv2D({ filters: 4, kernelSize: 3, padding, name });
    const y = bn(conv("b")(new L.ReLU()(bn(conv("a")(x)))));
    return new L.Dense({ units: 5, name: "head" })(new L.GlobalMaxPooling2D()(y));
  });
};
const sharedPort = (padding: number, momentum = 0.2) => () =>
  net({
    a: new nn.Conv2d(3, 4, 3, { padding }),
    b: new nn.Conv2d(4, 4, 3, { padding }),
    bn: new nn.BatchNorm2d(4, { momentum }),
    h: new nn.Linear(4, 5),
  }, (m, x) => m.h(m.bn(m.b(m.bn(m.a(x)).relu())).amax([2, 3])));

type Change = (x: torch.Tensor) => torch.Tensor;
const flatten: Change = (x) => x.flatten(1);
const last: Change = (x) => x.permute(0, 2, 3, 1).flatten(1);
const widthFirst: Change = (x) => x.permute(0, 3, 2, 1).flatten(1);

const dropped = (drop: "images" | "flat") => () => {
  const flat = new L.Flatten();
  const dropout = new L.Dropout({ rate: 0.5, name: "drop" });
  return chain(
    [6, 5, 3],
    new L.Conv2D({ filters: 4, kernelSize: 2, name: "conv" }),
    ...drop === "images" ? [dropout, flat] : [flat, dropout],
    new L.Dense({ units: 5, name: "head" }),
  );
};
const droppedPort = (before: Change, after: Change) => () =>
  net(
    { c: new nn.Conv2d(3, 4, 2), d: new nn.Dropout(0.5), h: new nn.Linear(80, 5) },
    (m, x) => m.h(after(m.d(before(m.c(x))))),
  );
const same: Change = (x) => x;

/** A head beside the one that the loss looks at. */
const watched = () =>
  graph([6], (x) => {
    const y = new L.Dense({ units: 8, activation: "relu", name: "hidden" })(x);
    return ["head", "aside"].map((name) => new L.Dense({ units: 3, name })(y));
  });
const watchedPort = () =>
  net(
    { hidden: new nn.Linear(6, 8), head: new nn.Linear(8, 3), aside: new nn.Linear(8, 3) },
    (m, x) => {
      const y = m.hidden(x).relu();
      return [m.head(y), m.aside(y)];
    },
  );
const ofHead = (more: (aside: torch.Tensor) => number | torch.Tensor): Partial<ModelPair> => ({
  kerasLoss: (y, predicted) =>
    new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true })(
      (y as unknown as tf.Tensor[])[0],
      (predicted as unknown as tf.Tensor[])[0],
    ),
  torchLoss: (outputs, targets) => {
    const [[head, aside], [labels]] = [outputs, targets] as unknown as torch.Tensor[][];
    return F.crossEntropy(head, labels).add(more(aside));
  },
});

export const passes: readonly PairCase[] = [
  right("a head that neither loss looks at", watched, watchedPort, ofHead(() => 0)),
  wrong(
    "a head that PyTorch's loss looks at, times 0",
    /aside, kernel, training only PyTorch has it/,
    watched,
    watchedPort,
    ofHead((aside) => aside.sum().mul(0)),
  ),
  right("a batch norm called twice", shared("same"), sharedPort(1)),
  right("a batch norm called on images of two sizes", shared("valid"), sharedPort(0)),
  wrong(
    "a batch norm called twice, another momentum",
    /bn, moving_mean after a batch, update/,
    shared("valid"),
    sharedPort(0, 0.25),
  ),
  ...(["images", "flat"] as const).flatMap((drop) =>
    Object.entries({ flatten, last, widthFirst }).flatMap(([name, flat]) => [
      right(`dropout of ${drop}, behind ${name}`, dropped(drop), droppedPort(flat, same)),
      right(`dropout of ${drop}, before ${name}`, dropped(drop), droppedPort(same, flat)),
    ])
  ),
];
