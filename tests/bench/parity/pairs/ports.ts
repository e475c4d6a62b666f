/** Ports that are right although they are written otherwise, and close ones that are not. */
import type { torch } from "@tandem/tandem";
import { chain, F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

const head = (units = 5) => [new L.Flatten(), new L.Dense({ units, name: "head" })];
const c2 = (options: object) =>
  new L.Conv2D({ filters: 4, kernelSize: 3, name: "conv", ...options });

const padded = () =>
  chain(
    [8, 8, 3],
    new L.ZeroPadding2D({ padding: 1, name: "pad" }),
    c2({}),
    new L.ReLU({ name: "relu" }),
    ...head(),
  );
const strided = () =>
  chain([8, 8, 3], c2({ strides: 2, padding: "same", activation: "relu" }), ...head());
const stridedPort = (change: (x: torch.Tensor) => torch.Tensor, padding = 0) =>
  net(
    { c: new nn.Conv2d(3, 4, 3, { stride: 2, padding }), h: new nn.Linear(64, 5) },
    (m, x) => m.h(m.c(change(x)).relu().flatten(1)),
  );

class SameConv extends nn.Conv2d {
  override forward(x: torch.Tensor): torch.Tensor {
    return super.forward(F.pad(x, [0, 1, 0, 1]));
  }
}
class OwnNorm extends nn.BatchNorm2d {}

const transposed = () =>
  chain(
    [4, 4, 3],
    new L.Conv2DTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same", name: "up" }),
    new L.ReLU(),
    ...head(),
  );
const transposedPort = (from: number) =>
  net(
    { c: new nn.ConvTranspose2d(3, 4, 3, { stride: 2 }), h: new nn.Linear(256, 5) },
    (m, x) => m.h(m.c(x).narrow(2, from, 8).narrow(3, from, 8).relu().flatten(1)),
  );

const pooled = () =>
  chain(
    [8, 8, 3],
    c2({ padding: "same" }),
    new L.MaxPooling2D({ poolSize: 3, strides: 2, padding: "same", name: "pool" }),
    ...head(),
  );
const pooledPort = (value: number, pads = [0, 1, 0, 1]) =>
  net({ c: new nn.Conv2d(3, 4, 3, { padding: 1 }), h: new nn.Linear(64, 5) }, (m, x) => {
    const y = F.pad(m.c(x), pads, { value });
    return m.h(F.maxPool2d(y, 3, { stride: 2 }).flatten(1));
  });

const normed = () =>
  chain(
    [8, 8, 3],
    c2({}),
    new L.BatchNormalization({ momentum: 0.9, epsilon: 1e-5, name: "bn" }),
    new L.ReLU({ name: "relu" }),
    ...head(),
  );
const normedPort = (bn: torch.nn.Module, conv: torch.nn.Module = new nn.Conv2d(3, 4, 3)) =>
  net({ conv, bn, h: new nn.Linear(144, 5) }, (m, x) => m.h(m.bn(m.conv(x)).relu().flatten(1)));

const small = () => chain([8, 8, 3], c2({}), new L.ReLU({ name: "relu" }), ...head());
const smallPort = (flat: (x: torch.Tensor) => torch.Tensor) =>
  net({ c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(144, 5) }, (m, x) => m.h(flat(m.c(x).relu())));

const reshaped = () =>
  chain(
    [8, 8, 3],
    c2({}),
    new L.ReLU({ name: "relu" }),
    new L.Reshape({ targetShape: [144] }),
    new L.Dense({ units: 5, name: "head" }),
  );

const flatNorm = (norm: () => InstanceType<typeof L.Layer>) => () =>
  chain([4, 4, 3], c2({ kernelSize: 2 }), new L.Flatten(), norm(), L.Dense(5, { name: "head" }));
const flatBatchNorm = flatNorm(() => new L.BatchNormalization({ name: "bn" }));
const flatLayerNorm = flatNorm(() => new L.LayerNormalization({ name: "ln" }));
const flatNormPort = (norm: torch.nn.Module, permuted: boolean) =>
  net({ c: new nn.Conv2d(3, 4, 2), norm, h: new nn.Linear(36, 5) }, (m, x) => {
    const y = m.c(x);
    return m.h(m.norm((permuted ? y.permute(0, 3, 2, 1) : y).flatten(1)));
  });
const batchNormOf36 = () => new nn.BatchNorm1d(36, { eps: 1e-3, momentum: 0.01 });
const layerNormOf36 = () => new nn.LayerNorm(36, { eps: 1e-3 });

const layerNorm = () =>
  chain(
    [8, 8, 3],
    c2({ filters: 6 }),
    new L.LayerNormalization({ epsilon: 1e-6, name: "ln" }),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 3, name: "head" }),
  );
const layerNormPort = (eps: number, permuted = true) =>
  net(
    { c: new nn.Conv2d(3, 6, 3), n: new nn.LayerNorm(6, { eps }), h: new nn.Linear(6, 3) },
    (m, x) => {
      const y = m.c(x);
      return m.h(permuted ? m.n(y.permute(0, 2, 3, 1)).mean([1, 2]) : m.n(y).mean([2, 3]));
    },
  );

const excited = () =>
  graph([8, 8, 6], (x) => {
    let s = new L.GlobalAveragePooling2D()(x);
    s = new L.Dense({ units: 2, activation: "relu", name: "squeeze" })(s);
    s = new L.Dense({ units: 6, activation: "sigmoid", name: "excite" })(s);
    const y = new L.Multiply({ name: "scale" })([x, new L.Reshape({ targetShape: [1, 1, 6] })(s)]);
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalMaxPooling2D()(y));
  });
const excitedPort = (gate: (x: torch.Tensor) => torch.Tensor) =>
  net({
    p: new nn.AdaptiveAvgPool2d(1),
    a: new nn.Conv2d(6, 2, 1),
    b: new nn.Conv2d(2, 6, 1),
    h: new nn.Linear(6, 3),
  }, (m, x) => m.h(x.mul(gate(m.b(m.a(m.p(x)).relu()))).amax([2, 3])));

const softmaxed = () =>
  chain(
    [8, 8, 3],
    c2({}),
    new L.ReLU(),
    new L.Flatten(),
    new L.Dense({ units: 5, activation: "softmax", name: "head" }),
  );
const softmaxPort = (last: (x: torch.Tensor) => torch.Tensor) =>
  net(
    { c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(144, 5) },
    (m, x) => last(m.h(m.c(x).relu().flatten(1))),
  );
const nll = { torchLoss: (o: torch.Tensor, t: torch.Tensor) => F.nllLoss(o, t) };

const reluThenPool = () =>
  chain(
    [8, 8, 3],
    c2({}),
    new L.ReLU({ name: "relu" }),
    new L.MaxPooling2D({ poolSize: 2, name: "pool" }),
    ...head(),
  );
const poolThenRelu = (pool: (x: torch.Tensor) => torch.Tensor) =>
  net(
    { c: new nn.Conv2d(3, 4, 3), h: new nn.Linear(36, 5) },
    (m, x) => m.h(pool(m.c(x)).relu().flatten(1)),
  );
const reluThenAverage = () =>
  chain(
    [8, 8, 3],
    c2({}),
    new L.ReLU({ name: "relu" }),
    new L.AveragePooling2D({ poolSize: 2, name: "pool" }),
    ...head(),
  );

const deep = () =>
  graph([6], (x) => {
    const far = new L.Dense({ units: 4, name: "far3" })(
      new L.Dense({ units: 4, name: "far2" })(new L.Dense({ units: 4, name: "far1" })(x)),
    );
    const near = new L.Dense({ units: 4, name: "near" })(x);
    return new L.Dense({ units: 3, name: "head" })(new L.Add()([near, far]));
  });
const deepPort = () =>
  net({
    near: new nn.Linear(6, 4),
    far1: new nn.Linear(6, 4),
    far2: new nn.Linear(4, 4),
    far3: new nn.Linear(4, 4),
    head: new nn.Linear(4, 3),
  }, (m, x) => m.head(m.near(x).add(m.far3(m.far2(m.far1(x))))));

const pointwise = () =>
  chain(
    [6, 6, 3],
    new L.Dense({ units: 4, name: "dense" }),
    new L.GlobalAveragePooling2D(),
    new L.Dense({ units: 3, name: "head" }),
  );

export const ports: readonly PairCase[] = [
  right(
    "zero padding layer against padding: 1",
    padded,
    () =>
      net(
        { c: new nn.Conv2d(3, 4, 3, { padding: 1 }), h: new nn.Linear(256, 5) },
        (m, x) => m.h(m.c(x).relu().flatten(1)),
      ),
  ),
  wrong(
    "zero padding layer against reflection",
    /pad, output, training/,
    padded,
    () =>
      net({
        c: new nn.Conv2d(3, 4, 3, { padding: 1, paddingMode: "reflect" }),
        h: new nn.Linear(256, 5),
      }, (m, x) => m.h(m.c(x).relu().flatten(1))),
  ),
  right(
    "same at stride 2 against F.pad",
    strided,
    () => stridedPort((x) => F.pad(x, [0, 1, 0, 1])),
  ),
  right("same at stride 2 against ZeroPad2d", strided, () => {
    const pad = new nn.ZeroPad2d([0, 1, 0, 1]);
    return net(
      { pad, c: new nn.Conv2d(3, 4, 3, { stride: 2 }), h: new nn.Linear(64, 5) },
      (m, x) => m.h(m.c(m.pad(x)).relu().flatten(1)),
    );
  }),
  right(
    "same at stride 2 against a subclass that pads",
    strided,
    () =>
      net(
        { c: new SameConv(3, 4, 3, { stride: 2 }), h: new nn.Linear(64, 5) },
        (m, x) => m.h(m.c(x).relu().flatten(1)),
      ),
  ),
  wrong(
    "same at stride 2 against padding: 1",
    /conv, output, training/,
    strided,
    () => stridedPort((x) => x, 1),
  ),
  wrong(
    "same at stride 2, padded on the other side",
    /conv, (in|out)put, training/,
    strided,
    () => stridedPort((x) => F.pad(x, [1, 0, 1, 0])),
  ),
  right("transposed convolution, cropped", transposed, () => transposedPort(0)),
  wrong(
    "transposed convolution, cropped elsewhere",
    /up, output, training/,
    transposed,
    () => transposedPort(1),
  ),
  right("max pool behind a pad of -inf", pooled, () => pooledPort(-Infinity)),
  wrong(
    "max pool behind a pad of 0 where values are below",
    /pool, output, training/,
    pooled,
    () => pooledPort(0),
  ),
  right("a subclass of BatchNorm2d", normed, () => normedPort(new OwnNorm(4))),
  right(
    "a subclass of Conv2d",
    normed,
    () => normedPort(new nn.BatchNorm2d(4), new (class Own extends nn.Conv2d {})(3, 4, 3)),
  ),
  wrong(
    "epsilon of batch normalization",
    /bn, output, training/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4, { eps: 1e-2 })),
  ),
  wrong(
    "momentum of batch normalization",
    /bn, moving_mean after a batch, update/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4, { momentum: 0.9 })),
  ),
  wrong(
    "batch normalization without scale",
    /bn, gamma, weights only Keras/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4, { affine: false })),
  ),
  wrong(
    "instance instead of batch normalization",
    /bn.*not compared|not compared.*bn|bn, /,
    normed,
    () => normedPort(new nn.InstanceNorm2d(4, { affine: true })),
  ),
  wrong(
    "a convolution without bias",
    /conv, bias, weights only Keras/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4), new nn.Conv2d(3, 4, 3, { bias: false })),
  ),
  wrong(
    "another size of kernel",
    /conv, kernel, weights shapes differ/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4), new nn.Conv2d(3, 4, 5, { padding: 1 })),
  ),
  wrong(
    "dilation",
    /conv, output, training/,
    normed,
    () => normedPort(new nn.BatchNorm2d(4), new nn.Conv2d(3, 4, 3, { dilation: 2, padding: 1 })),
  ),
  right("Reshape as flatten", reshaped, () => smallPort((x) => x.flatten(1))),
  right(
    "flatten behind a permutation to channels last",
    small,
    () => smallPort((x) => x.permute(0, 2, 3, 1).flatten(1)),
  ),
  right(
    "flatten behind another permutation",
    small,
    () => smallPort((x) => x.permute(0, 3, 1, 2).flatten(1)),
  ),
  wrong(
    "flatten behind a flip",
    /head, input, training/,
    small,
    () => smallPort((x) => x.flip([3]).flatten(1)),
  ),
  wrong(
    "a batch of fixed size",
    /pass, batch.*(shape|view|reshape)/i,
    small,
    () => smallPort((x) => x.reshape(16, 144)),
  ),
  ...[false, true].flatMap((permuted) => {
    const place = permuted ? "behind a permuted flatten" : "behind a flatten";
    return [
      right(`batch norm ${place}`, flatBatchNorm, () => flatNormPort(batchNormOf36(), permuted)),
      right(`layer norm ${place}`, flatLayerNorm, () => flatNormPort(layerNormOf36(), permuted)),
    ];
  }),
  right("layer norm over channels, permuted", layerNorm, () => layerNormPort(1e-6)),
  wrong("layer norm, another epsilon", /ln, output/, layerNorm, () => layerNormPort(1e-2)),
  wrong(
    "layer norm over another axis",
    /ln, (in|out)put/,
    layerNorm,
    () => layerNormPort(1e-6, false),
  ),
  right("dense against 1x1 convolution", excited, () => excitedPort((x) => x.sigmoid())),
  wrong("hard sigmoid in a gate", /excite/, excited, () => excitedPort((x) => F.hardsigmoid(x))),
  right(
    "dense over channels against 1x1 convolution",
    pointwise,
    () =>
      net(
        { c: new nn.Conv2d(3, 4, 1), h: new nn.Linear(4, 3) },
        (m, x) => m.h(m.c(x).mean([2, 3])),
      ),
  ),
  right(
    "1x1 convolution against linear",
    () =>
      chain(
        [6, 6, 3],
        c2({ kernelSize: 1 }),
        new L.GlobalAveragePooling2D(),
        new L.Dense({ units: 3, name: "head" }),
      ),
    () =>
      net(
        { c: new nn.Linear(3, 4), h: new nn.Linear(4, 3) },
        (m, x) => m.h(m.c(x.permute(0, 2, 3, 1)).mean([1, 2])),
      ),
  ),
  right("log-softmax and NLL", softmaxed, () => softmaxPort((x) => x.logSoftmax(1)), nll),
  right("softmax in Keras, logits in PyTorch", softmaxed, () => softmaxPort((x) => x)),
  wrong(
    "softmax before cross entropy",
    /logits, output, training/,
    softmaxed,
    () => softmaxPort((x) => x.softmax(1)),
  ),
  right("relu behind max pool", reluThenPool, () => poolThenRelu((x) => F.maxPool2d(x, 2))),
  wrong(
    "relu behind average pool",
    /pool, output|relu, output/,
    reluThenAverage,
    () => poolThenRelu((x) => F.avgPool2d(x, 2)),
  ),
  right("layers that Keras sorts by depth", deep, deepPort),
  wrong(
    "a loss that is divided",
    /loss, output, training/,
    small,
    () => smallPort((x) => x.flatten(1)),
    { torchLoss: (o, t) => F.crossEntropy(o, t).mul(0.5) },
  ),
  wrong(
    "a gradient that does not flow",
    /gradient|conv, kernel/,
    small,
    () => smallPort((x) => x.detach().flatten(1)),
  ),
];
