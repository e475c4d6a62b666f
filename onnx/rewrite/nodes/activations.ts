/**
 * Activations from exponentials and comparisons.
 * @module
 */
import { float } from "../../export/node_attributes.ts";
import { composed, type Composition, floatAttribute, integerAttribute } from "./node_writer.ts";

/** (x - max) - log sum exp */
const logSoftmax: Composition = composed((e, [x], call) => {
  const axis = integerAttribute(call, "axis", -1);
  const fold = (operator: string, values: string) =>
    e.writer.node(operator, [values, e.writer.int64s([axis])], { attributes: { keepdims: 1 } });
  const away = e.sub(x, fold("ReduceMax", x));
  return e.sub(away, e.log(fold("ReduceSum", e.exp(away))));
});

/** max(x, 0) that NaN passes. */
const relu: Composition = composed((e, [x]) => e.where(e.less(x, 0), e.number(0), x));

/** gamma Elu(x) */
const selu: Composition = composed((e, [x], call) => {
  const alpha = floatAttribute(call, "alpha", 1.6732632423543772);
  const gamma = floatAttribute(call, "gamma", 1.0507009873554805);
  return e.mul(e.writer.node("Elu", [x], { attributes: { alpha: float(alpha) } }), gamma);
});

/** alpha Elu(x / alpha) */
const celu: Composition = composed((e, [x], call) => {
  const alpha = floatAttribute(call, "alpha", 1);
  return e.mul(e.writer.node("Elu", [e.div(x, alpha)]), alpha);
});

/** x where positive, else alpha (e^x - 1), with e^x - 1 = tanh(x / 2) (e^x + 1) so that no digits are lost near 0 */
const elu: Composition = composed((e, [x], call) => {
  const alpha = floatAttribute(call, "alpha", 1);
  const below = e.min(x, 0);
  const power = e.mul(e.writer.node("Tanh", [e.mul(below, 0.5)]), e.add(e.exp(below), 1));
  return e.where(e.greater(x, 0), x, e.mul(power, alpha));
});

/** max(x, 0) + log(1 + e^-|x|) */
const softplus: Composition = composed((e, [x]) =>
  e.add(e.max(x, 0), e.log(e.add(e.exp(e.neg(e.abs(x))), 1)))
);

/** Clip by comparisons */
const clip: Composition = composed((e, [x, low, high]) => e.min(e.max(x, low), high));

/** max(0, min(1, alpha x + beta)) */
const hardSigmoid: Composition = composed((e, [x], call) => {
  const line = e.add(
    e.mul(x, floatAttribute(call, "alpha", 0.2)),
    floatAttribute(call, "beta", 0.5),
  );
  return e.max(e.min(line, 1), 0);
});

export const ACTIVATIONS: Readonly<Record<string, Composition>> = {
  LogSoftmax: logSoftmax,
  Relu: relu,
  Selu: selu,
  Celu: celu,
  Elu: elu,
  Softplus: softplus,
  Clip: clip,
  HardSigmoid: hardSigmoid,
  HardSwish: composed((e, [x]) => e.div(e.mul(x, e.min(e.max(e.add(x, 3), 0), 6)), 6)),
  LeakyRelu: composed((e, [x], call) =>
    e.where(e.less(x, 0), e.mul(x, floatAttribute(call, "alpha", 0.01)), x)
  ),
};
