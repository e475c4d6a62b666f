/**
 * Every op of every element type that it accepts: small arrays are computed on the host, larger ones by ONNX Runtime, which lacks
 * kernels of many types. Both ways are the same values.
 */
import { assertEquals } from "@std/assert";
import {
  type DType,
  DTYPES,
  fromHost,
  HOST_LIMIT,
  isFloating,
  isShortFloat,
  type LazyArray,
  limitHostWork,
  Runtime,
  ShapeError,
  storageFrom,
} from "../../onnx/mod.ts";
import { type OpCase, valuesOf } from "./op_case.ts";
import { opCases } from "./op_cases.ts";

/** Small integers and fractions that all types of their kind hold, and whose sums and products they hold too. */
function inputsOf({ inputs }: OpCase, dtype: DType): LazyArray[] {
  return inputs.map((argument, k) => {
    const own = argument.kind === "boolean" ? "bool" : dtype;
    const values = Array.from(
      valuesOf(argument, k),
      (value) => isFloating(own) ? Math.round(value * 32) / 32 : Math.abs(Math.round(value)) || 1,
    );
    const zeroed = own === "bool" && argument.kind !== "boolean" ? values.map(() => 1) : values;
    return fromHost(storageFrom(zeroed, own), argument.shape, own);
  });
}

/** What the ops are given to ONNX Runtime for, in one program. */
async function inOneProgram(calls: readonly (() => LazyArray)[]): Promise<LazyArray[]> {
  limitHostWork(0);
  try {
    const results = calls.map((call) => call());
    await new Runtime().evaluate(results);
    return results;
  } finally {
    limitHostWork(HOST_LIMIT);
  }
}

interface Trial {
  readonly title: string;
  readonly item: OpCase;
  readonly inputs: readonly LazyArray[];
  readonly declared: LazyArray;
}

/** The cases that accept an element type. */
function trialsOf(dtype: DType): Trial[] {
  return Object.entries(opCases).flatMap(([name, cases]) =>
    cases.flatMap((item, i): Trial[] => {
      const inputs = inputsOf(item, dtype);
      try {
        return [{ title: `${name} #${i} of ${dtype}`, item, inputs, declared: item.call(inputs) }];
      } catch (error) {
        if (error instanceof ShapeError) return [];
        throw error;
      }
    })
  );
}

/** The results, or for each op that ONNX Runtime refuses its message. */
async function resultsOf(trials: readonly Trial[]): Promise<(LazyArray | string)[]> {
  const calls = trials.map(({ item, inputs }) => () => item.call(inputs));
  try {
    return await inOneProgram(calls);
  } catch {
    const found: (LazyArray | string)[] = [];
    for (const call of calls) {
      found.push(await inOneProgram([call]).then(([y]) => y, (error) => String(error)));
    }
    return found;
  }
}

/** What an op that has no rule for the host makes of the same values in a type that all kernels know. */
async function references(trials: readonly Trial[]): Promise<LazyArray[]> {
  return await inOneProgram(trials.map(({ item, inputs }) => () => {
    const wide = inputs.map((x) => {
      const dtype = isFloating(x.dtype) ? "float32" : "int32";
      return fromHost(storageFrom(Array.from(x.buffer.data, Number), dtype), x.shape, dtype);
    });
    return item.call(wide.map((x, k) => item.inputs[k].kind === "boolean" ? inputs[k] : x));
  }));
}

function tolerance(dtype: DType, isOnHost: boolean): number {
  if (dtype === "bfloat16") return 0.1;
  if (isShortFloat(dtype)) return 1e-2;
  return dtype === "float64" && isOnHost ? 1e-12 : 2e-5;
}

function differences(actual: LazyArray, expected: LazyArray, isOnHost: boolean): string[] {
  const allowed = isFloating(actual.dtype) ? tolerance(actual.dtype, isOnHost) : 0;
  return Array.from(expected.buffer.data, Number).flatMap((value, i) => {
    const wanted = actual.dtype === "bool" ? Number(value !== 0) : value;
    const found = Number(actual.buffer.data[i]);
    const isClose = Object.is(found, wanted) ||
      Math.abs(found - wanted) <= allowed * Math.max(1, Math.abs(wanted));
    return isClose ? [] : [`element ${i} is ${found}, expected ${wanted}`];
  });
}

for (const dtype of DTYPES) {
  Deno.test(`ops of ${dtype} are the same on the host and in ONNX Runtime`, async () => {
    const trials = trialsOf(dtype);
    const results = await resultsOf(trials);
    const elsewhere = trials.filter(({ declared }) => !declared.isOnHost);
    const wide = await references(elsewhere);
    const faults = trials.flatMap(({ title, declared }, i) => {
      const result = results[i];
      if (typeof result === "string") return [`${title}: ${result}`];
      const expected = declared.isOnHost ? declared : wide[elsewhere.indexOf(trials[i])];
      return differences(result, expected, declared.isOnHost).slice(0, 1)
        .map((text) => `${title}: ${text}`);
    });
    assertEquals(faults, []);
  });
}
