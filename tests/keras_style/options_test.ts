import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as keras from "../../keras_style/mod.ts";
import {
  checkChoice,
  checkNumber,
  nearestName,
  readOptions,
  requireOption,
  takeOptions,
} from "../../keras_style/options.ts";

class Base {
  readonly name: string;
  constructor(options: { name?: string } = {}) {
    this.name = readOptions(new.target.name, options, { name: "base" }).name;
  }
}

interface DerivedOptions {
  name?: string;
  rate?: number;
  labelSmoothing?: number;
}

class Derived extends Base {
  readonly rate: number;
  constructor(options: DerivedOptions = {}) {
    const [own, rest] = takeOptions("Derived", options, { rate: 0.5, labelSmoothing: 0 });
    super(rest);
    this.rate = own.rate;
  }
}

Deno.test("options are those given, or the defaults; undefined is none given, null is a value", () => {
  const { name, rate } = new Derived({ name: "a", rate: undefined });
  assertEquals([name, rate], ["a", 0.5]);
  const options = { axis: null as number | null };
  assertEquals(readOptions("Softmax", options, { axis: -1 }), { axis: null });
});

const refused: [options: Record<string, unknown>, message: string][] = [
  [{ rates: 1 }, 'Derived: unknown option "rates", expected "rate"'],
  [{ label_smoothing: 1 }, 'Derived: unknown option "label_smoothing", expected "labelSmoothing"'],
  [{ name: { toString: 1 } }, 'Derived: name is {"toString":1}, expected a text'],
  [{ NAME: "a" }, 'Derived: unknown option "NAME", expected "name"'],
  [
    { somethingElseAltogether: 1 },
    'Derived: unknown option "somethingElseAltogether", expected one of labelSmoothing, name, rate',
  ],
];

for (const [options, message] of refused) {
  Deno.test(`refused: ${message}`, () => {
    assertThrows(() => new Derived(options), TypeError, message);
  });
}

for (const options of [0.5, "rate", null, [1], () => {}]) {
  Deno.test(`refused: ${options} is no object of options`, () => {
    assertThrows(() => new Derived(options as never), TypeError, "Derived: options is ");
  });
}

Deno.test("a name far from all known ones has no nearest one", () => {
  assertEquals(nearestName("groups", ["units", "useBias", "activation"]), undefined);
  assertEquals(nearestName("negative_slope", ["negativeSlope"]), "negativeSlope");
  assertEquals(nearestName("x", []), undefined);
});

Deno.test("choices, values and required options are checked by name and value", () => {
  assertEquals(checkChoice("Conv2D", "padding", "same", ["same", "valid"]), "same");
  assertThrows(
    () => checkChoice("Conv2D", "padding", "full", ["same", "valid"]),
    RangeError,
    'Conv2D: padding is "full", expected one of "same", "valid"',
  );
  assertEquals(checkNumber("Dropout", "rate", 1, { from: 0, to: 1 }), 1);
  assertThrows(
    () => checkNumber("Dropout", "rate", 1.5, { from: 0, to: 1 }),
    RangeError,
    "Dropout: rate is 1.5, expected a number from 0 to 1",
  );
  assertThrows(
    () => checkNumber("Adam", "beta1", 1, { from: 0, below: 1 }),
    RangeError,
    "Adam: beta1 is 1, expected a number from 0 to below 1",
  );
  assertThrows(
    () => checkNumber("Dense", "units", 2.5, { from: 1, integer: true }),
    RangeError,
    "Dense: units is 2.5, expected an integer of at least 1",
  );
  assertThrows(
    () => checkNumber("Lion", "beta1", 0, { above: 0, to: 1 }),
    RangeError,
    "Lion: beta1 is 0, expected a number above 0 up to 1",
  );
  assertThrows(() => checkNumber("Adam", "epsilon", NaN), RangeError, "epsilon is NaN");
  assertThrows(
    () => requireOption("Dense", "units", undefined, "an integer"),
    TypeError,
    "Dense: units is missing, expected an integer",
  );
});

const pixels = { images: new Uint8Array(12), labels: new Uint8Array(1), count: 1 };
const images = { ...pixels, imageShape: [2, 2, 3] } as const;
const typos: Record<string, (option: never) => unknown> = {
  plotModel: (option) => keras.plotModel(new keras.Sequential(), "m.png", option),
  plotHistory: (option) => keras.plotHistory({ loss: [1] }, "h.png", option),
  showSamples: (option) => keras.showSamples([[[0]]], [0], ["a"], option),
  imagesOf: (option) => keras.imagesOf(images, option),
  "Dataset.batch": (option) => keras.data.Dataset.range(3).batch(2, option),
  "Dataset.shuffle": (option) => keras.data.Dataset.range(3).shuffle(2, option),
};

for (const [owner, call] of Object.entries(typos)) {
  Deno.test(`${owner} refuses an option that it does not know`, async () => {
    const text = `${owner}: unknown option "sead", expected`;
    await assertRejects(async () => await call({ sead: 1 } as never), TypeError, text);
  });
}

Deno.test("imagesOf takes both spellings of channels first, and no others", () => {
  for (const dataFormat of ["channels_first", "channelsFirst"] as const) {
    assertEquals(keras.imagesOf(images, { dataFormat })[0].shape, [1, 3, 2, 2]);
  }
  assertThrows(
    () => keras.imagesOf(images, { dataFormat: "first" as never }),
    RangeError,
    'imagesOf: dataFormat is "first"',
  );
});
