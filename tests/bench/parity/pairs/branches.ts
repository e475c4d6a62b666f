/** Residual, Inception and attention structures, shared layers, several inputs and outputs. */
import { keras, torch } from "@tandem/tandem";
import { chain, F, graph, L, net, nn, type PairCase, right, wrong } from "./pair_case.ts";

const conv = (filters: number, kernelSize: number, name?: string) =>
  new L.Conv2D({
    filters,
    kernelSize,
    padding: "same",
    activation: "relu",
    ...(name ? { name } : {}),
  });

const inception = () =>
  graph([8, 8, 3], (x) => {
    const s = conv(8, 3, "stem")(x);
    const pooled = new L.MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" })(s);
    const branches = [
      conv(4, 1, "one")(s),
      conv(6, 3, "three")(conv(4, 1, "to_three")(s)),
      conv(4, 5, "five")(conv(2, 1, "to_five")(s)),
      conv(4, 1, "pooled")(pooled),
    ];
    const joined = new L.Concatenate({ name: "join" })(branches);
    return new L.Dense({ units: 5, name: "head" })(new L.GlobalAveragePooling2D()(joined));
  });

/** Fields in another order than Keras' calls. */
function inceptionPort(change: Record<string, unknown> = {}): torch.nn.Module {
  const c = (from: number, to: number, k: number) =>
    new nn.Conv2d(from, to, k, { padding: (k - 1) / 2 });
  const fields = {
    head: new nn.Linear(18, 5),
    b4: c(8, 4, 1),
    b3b: c(2, 4, 5),
    b3a: c(8, 2, 1),
    b2b: c(4, 6, 3),
    b2a: c(8, 4, 1),
    b1: c(8, 4, 1),
    s: c(3, 8, 3),
  };
  const pool = change.pool ?? ((x: torch.Tensor) => F.maxPool2d(x, 3, { stride: 1, padding: 1 }));
  return net(fields, (m, x) => {
    const s = m.s(x).relu();
    const three = m.b2b(change.noRelu ? m.b2a(s) : m.b2a(s).relu()).relu();
    const parts = [
      m.b1(s).relu(),
      three,
      m.b3b(m.b3a(s).relu()).relu(),
      m.b4((pool as (x: torch.Tensor) => torch.Tensor)(s)).relu(),
    ];
    const joined = torch.cat(change.swapped ? [parts[1], parts[0], parts[2], parts[3]] : parts, 1);
    return m.head(joined.mean([2, 3]));
  }, (m) => {
    if (change.frozen) m[change.frozen as string].requiresGrad_(false);
  });
}

const residual = () =>
  graph([8, 8, 3], (x) => {
    const bn = (name: string) => new L.BatchNormalization({ momentum: 0.9, epsilon: 1e-5, name });
    const c = (filters: number, kernelSize: number, strides: number, name: string) =>
      new L.Conv2D({ filters, kernelSize, strides, padding: "same", useBias: false, name });
    const a = new L.ReLU({ name: "stem_relu" })(bn("stem_bn")(c(4, 3, 1, "stem")(x)));
    let y = new L.ReLU({ name: "relu1" })(bn("bn1")(c(4, 3, 1, "c1")(a)));
    y = bn("bn2")(c(4, 3, 1, "c2")(y));
    const s = bn("sbn")(c(4, 1, 1, "sc")(a));
    const z = new L.ReLU({ name: "relu2" })(new L.Add({ name: "sum" })([y, s]));
    return new L.Dense({ units: 5, name: "head" })(
      new L.GlobalAveragePooling2D({ name: "gap" })(z),
    );
  });

function residualPort(change: string = ""): torch.nn.Module {
  const c = (from: number, to: number, k: number) =>
    new nn.Conv2d(from, to, k, { padding: (k - 1) / 2, bias: false });
  const fields = {
    shortcut: new nn.Sequential(
      c(3 + 1, 4, 1),
      new nn.BatchNorm2d(4, change === "eps" ? { eps: 1e-2 } : {}),
    ),
    stem: c(3, 4, 3),
    norm: new nn.BatchNorm2d(4),
    c1: c(4, 4, 3),
    bn1: new nn.BatchNorm2d(4, change === "momentum" ? { momentum: 0.01 } : {}),
    c2: c(4, 4, 3),
    bn2: new nn.BatchNorm2d(4),
    head: new nn.Linear(4, 5),
  };
  return net(fields, (m, x) => {
    const a = m.norm(m.stem(x)).relu();
    const inner = m.bn1(m.c1(a));
    const y = m.bn2(m.c2(change === "no relu" ? inner : inner.relu()));
    const sum = change === "no shortcut" ? y : y.add(change === "raw" ? a : m.shortcut(a));
    return m.head((change === "no last relu" ? sum : sum.relu()).mean([2, 3]));
  });
}

const shared = () =>
  graph([[6], [6]], (a, b) => {
    const both = new L.Dense({ units: 4, activation: "tanh", name: "both" });
    return new L.Dense({ units: 3, name: "head" })(new L.Concatenate()([both(a), both(b)]));
  });

const sharedPort = (two: boolean) =>
  net(
    {
      head: new nn.Linear(8, 3),
      l: new nn.Linear(6, 4),
      ...(two ? { l2: new nn.Linear(6, 4) } : {}),
    },
    (m, a, b) => m.head(torch.cat([m.l(a).tanh(), (two ? m.l2 : m.l)(b).tanh()], 1)),
  );

const twoHeads = () =>
  graph([6], (x) => {
    const h = new L.Dense({ units: 8, activation: "relu", name: "trunk" })(x);
    return [new L.Dense({ units: 3, name: "a" })(h), new L.Dense({ units: 4, name: "b" })(h)];
  });

const twoHeadsPort = (swapped: boolean) =>
  net(
    { b: new nn.Linear(8, 4), trunk: new nn.Linear(6, 8), a: new nn.Linear(8, 3) },
    (m, x) => {
      const h = m.trunk(x).relu();
      return swapped ? [m.b(h), m.a(h)] : [m.a(h), m.b(h)];
    },
  );

const positions = (scale: boolean) => () =>
  graph([8, 8, 3], (x) => {
    const tokens = new L.Reshape({ targetShape: [4, 6] })(
      new L.Conv2D({ filters: 6, kernelSize: 4, strides: 4, name: "patch" })(x),
    );
    class Positions extends keras.layers.Layer {
      table!: ReturnType<keras.layers.Layer["addWeight"]>;
      override build() {
        this.table = this.addWeight({ name: "table", shape: [4, 6], initializer: "randomNormal" });
      }
      // deno-lint-ignore no-explicit-any
      override call(y: any) {
        return y.add(this.table);
      }
    }
    const y = new Positions({ name: "positions" })(tokens);
    const z = new L.LayerNormalization({ epsilon: 1e-6, name: "ln" })(y);
    void scale;
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalAveragePooling1D()(z));
  });

const positionsPort = (change: string = "") =>
  net({
    pos: new nn.Parameter(torch.zeros([1, 4, 6])),
    patch: new nn.Conv2d(3, 6, 4, { stride: 4 }),
    ln: new nn.LayerNorm(6, { eps: 1e-6 }),
    head: new nn.Linear(6, 3),
    ...(change === "scale" ? { gamma: new nn.Parameter(torch.ones([6])) } : {}),
  }, (m, x) => {
    const tokens = m.patch(x).flatten(2).transpose(1, 2);
    const y = m.ln(change === "no positions" ? tokens : tokens.add(m.pos));
    return m.head((change === "scale" ? y.mul(m.gamma) : y).mean(1));
  });

const nested = () => {
  const inner = chain(
    [8, 8, 4],
    new L.Conv2D({ filters: 4, kernelSize: 1, name: "inner" }),
    new L.ReLU({ name: "inner_relu" }),
  );
  return graph([8, 8, 3], (x) => {
    const y = new L.Conv2D({ filters: 4, kernelSize: 3, padding: "same", name: "outer" })(x);
    const twice = inner(inner(y));
    return new L.Dense({ units: 3, name: "head" })(new L.GlobalMaxPooling2D()(twice));
  });
};

const nestedPort = (times: number) =>
  net(
    {
      inner: new nn.Sequential(new nn.Conv2d(4, 4, 1), new nn.ReLU()),
      outer: new nn.Conv2d(3, 4, 3, { padding: 1 }),
      head: new nn.Linear(4, 3),
    },
    (m, x) => {
      let y = m.outer(x);
      for (let i = 0; i < times; i++) y = m.inner(y);
      return m.head(y.amax([2, 3]));
    },
  );

const dropouts = () =>
  graph([6], (x) => {
    const dense = (name: string) => new L.Dense({ units: 8, activation: "relu", name });
    const a = new L.Dropout({ rate: 0.3 })(dense("a")(x));
    const b = new L.Dropout({ rate: 0.3, name: "drop_b" })(dense("b")(dense("b0")(x)));
    return new L.Dense({ units: 3, name: "head" })(new L.Concatenate()([a, b]));
  });

const dropoutsPort = (rate: number) =>
  net({
    a: new nn.Linear(6, 8),
    b0: new nn.Linear(6, 8),
    b: new nn.Linear(8, 8),
    d1: new nn.Dropout(0.3),
    d2: new nn.Dropout(rate),
    head: new nn.Linear(16, 3),
  }, (m, x) => {
    const b = m.d2(m.b(m.b0(x).relu()).relu());
    return m.head(torch.cat([m.d1(m.a(x).relu()), b], 1));
  });

/** Zeros behind a relu: of equal ones in a window either may get the gradient, and the relu stops it. */
const tied = () =>
  graph([2, 2, 3], (x) => {
    const joined = new L.Concatenate({ name: "join" })([conv(8, 3, "a")(x), conv(8, 1, "b")(x)]);
    const y = new L.MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" })(joined);
    return new L.Dense({ units: 5, name: "head" })(new L.GlobalAveragePooling2D()(y));
  });
const tiedPort = (change: (x: torch.Tensor) => torch.Tensor = (x) => x) =>
  net({
    a: new nn.Conv2d(3, 8, 3, { padding: 1 }),
    b: new nn.Conv2d(3, 8, 1),
    join: new nn.Identity(),
    h: new nn.Linear(16, 5),
  }, (m, x) => {
    const y = m.join(torch.cat([change(m.a(x)).relu(), m.b(x).relu()], 1));
    // From the other corner: another one of equal values comes first.
    const pooled = F.maxPool2d(y.flip([2, 3]), 3, { stride: 1, padding: 1 });
    return m.h(pooled.flip([2, 3]).mean([2, 3]));
  });

export const branches: readonly PairCase[] = [
  right("equal values in a max pooling", tied, () => tiedPort()),
  wrong(
    "no gradient behind equal values in a max pooling",
    /a, kernel, training only Keras has it/,
    tied,
    () => tiedPort((x) => x.detach()),
  ),
  right("inception, fields in another order", inception, () => inceptionPort()),
  wrong(
    "inception, a branch frozen",
    /three, kernel, weights.*frozen in PyTorch only/,
    inception,
    () => inceptionPort({ frozen: "b2b" }),
  ),
  wrong(
    "inception, no relu in a branch",
    /to_three\/relu, output, training/,
    inception,
    () => inceptionPort({ noRelu: true }),
  ),
  wrong(
    "inception, average instead of max",
    /max_pooling2d\w*, output, training/,
    inception,
    () =>
      inceptionPort({ pool: (x: torch.Tensor) => F.avgPool2d(x, 3, { stride: 1, padding: 1 }) }),
  ),
  wrong(
    "inception, branches joined in another order",
    /join, output, training/,
    inception,
    () => inceptionPort({ swapped: true }),
  ),
  right("residual block", residual, () => residualPort()),
  wrong(
    "residual, no relu inside",
    /relu1, output, training/,
    residual,
    () => residualPort("no relu"),
  ),
  wrong(
    "residual, no relu behind",
    /relu2, output, training/,
    residual,
    () => residualPort("no last relu"),
  ),
  wrong(
    "residual, no shortcut",
    /sc, output, training/,
    residual,
    () => residualPort("no shortcut"),
  ),
  wrong(
    "residual, shortcut without projection",
    /s(c|bn|um), output, training/,
    residual,
    () => residualPort("raw"),
  ),
  wrong(
    "residual, epsilon of the shortcut",
    /sbn, output, training/,
    residual,
    () => residualPort("eps"),
  ),
  wrong(
    "residual, momentum inside",
    /bn1, moving_mean after a batch, update/,
    residual,
    () => residualPort("momentum"),
  ),
  right("two inputs, a shared layer", shared, () => sharedPort(false)),
  wrong(
    "two inputs, a layer of each",
    /, weights, weights not compared.*l2/,
    shared,
    () => sharedPort(true),
  ),
  right("two outputs", twoHeads, () => twoHeadsPort(false)),
  wrong("two outputs swapped", /output/, twoHeads, () => twoHeadsPort(true)),
  right("positions as a parameter", positions(false), () => positionsPort()),
  wrong(
    "positions not added",
    /positions, output, training/,
    positions(false),
    () => positionsPort("no positions"),
  ),
  wrong(
    "a layer scale too many",
    /not compared.*the model itself/,
    positions(false),
    () => positionsPort("scale"),
  ),
  right("a model in the model, called twice", nested, () => nestedPort(2)),
  wrong("a model in the model, called once", /output, training/, nested, () => nestedPort(1)),
  right("dropout in branches, called in another order", dropouts, () => dropoutsPort(0.3)),
  wrong(
    "dropout in branches, another rate",
    /drop_b, output, training/,
    dropouts,
    () => dropoutsPort(0.5),
  ),
];
