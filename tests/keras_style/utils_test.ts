import { assertEquals, assertThrows } from "@std/assert";
import type * as tf from "@tensorflow/tfjs";
import { encode } from "fast-png";
import jpeg from "jpeg-js";
import * as keras from "../../keras_style/mod.ts";
import { decodeImage } from "../../keras_style/utils/decode_image.ts";
import { inFolder } from "../in_folder.ts";

const { utils } = keras;

Deno.test("toCategorical, normalize and padSequences are Keras'", async () => {
  assertEquals(await utils.toCategorical([0, 2, 1]).array(), [[1, 0, 0], [0, 0, 1], [0, 1, 0]]);
  assertEquals(await utils.toCategorical(keras.constant([[1], [0]]), 2).array(), [[0, 1], [1, 0]]);
  const unit = await utils.normalize([[3, 4], [0, 0]]).data();
  assertEquals([...unit].map((value) => Math.round(value * 10) / 10), [0.6, 0.8, 0, 0]);
  const sequences = [[1, 2, 3], [4], []];
  assertEquals(await utils.padSequences(sequences).array(), [[1, 2, 3], [0, 0, 4], [0, 0, 0]]);
  const cut = utils.padSequences(sequences, {
    maxlen: 2,
    padding: "post",
    truncating: "post",
    value: 9,
  });
  assertEquals(await cut.array(), [[1, 2], [4, 9], [9, 9]]);
  assertThrows(
    () => utils.toCategorical([3], 3),
    RangeError,
    "labels[0] is 3, expected an integer from 0",
  );
});

Deno.test("splitDataset divides by counts and shares", () => {
  const dataset = keras.data.Dataset.range(10);
  const counts = (options: keras.utils.SplitOptions) =>
    utils.splitDataset(dataset, options).map((part) => [...part].length);
  assertEquals(counts({ leftSize: 7 }), [7, 3]);
  assertEquals(counts({ leftSize: 0.5 }), [5, 5]);
  assertEquals(counts({ leftSize: 3, rightSize: 0.2 }), [3, 2]);
  assertThrows(() => counts({}), TypeError, "leftSize and rightSize are missing");
  assertThrows(
    () => counts({ leftSize: 11 }),
    RangeError,
    "leftSize is 11, expected an integer from 0 to 10",
  );
});

/** Files of one byte each: an image of one gray pixel. */
const decode: keras.utils.ImageDecoder = (bytes) => ({
  data: bytes,
  width: 1,
  height: 1,
  channels: 1,
});

Deno.test("imageDatasetFromDirectory reads PNG and JPEG, in the channels that are wanted", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/all`);
    const write = (name: string, bytes: Uint8Array) =>
      Deno.writeFileSync(`${folder}/all/${name}`, bytes);
    const png = (channels: 1 | 2 | 3 | 4, data: number[]) =>
      encode({ width: 1, height: 1, channels, depth: 8, data: Uint8Array.from(data) });
    write("0.png", png(1, [50]));
    write("1.png", png(4, [10, 200, 30, 7]));
    const grey = Uint8Array.from({ length: 4 }, () => 90);
    write("2.jpg", jpeg.encode({ width: 1, height: 1, data: grey }, 100).data);
    const read = async (colorMode: "grayscale" | "rgb" | "rgba") => {
      const shared = { labelMode: null, imageSize: [1, 1], shuffle: false } as const;
      const [images] = utils.imageDatasetFromDirectory(folder, { ...shared, colorMode });
      return (await (images as tf.Tensor).reshape([3, -1]).array()) as number[][];
    };
    assertEquals(await read("rgb"), [[50, 50, 50], [10, 200, 30], [90, 90, 90]]);
    assertEquals(await read("rgba"), [[50, 50, 50, 255], [10, 200, 30, 7], [90, 90, 90, 255]]);
    const luma = 0.299 * 10 + 0.587 * 200 + 0.114 * 30;
    assertEquals(await read("grayscale"), [[50], [Math.fround(luma)], [90]]);
    write("3.gif", Uint8Array.of(71, 73, 70));
    assertThrows(
      () => [...utils.imageDatasetFromDirectory(folder)],
      TypeError,
      '3.gif" is neither PNG nor JPEG',
    );
  }));

Deno.test("PNG files of 1, 2 and 4 bits a value are read as brightness from 0 to 255", () => {
  const files: Record<string, number[]> = {
    "AACAQAAAABX00DOAAAADElEQVR4nGPYwOAAAAJUAPFc+EOJAAAAAElFTkSuQmCC": [
      255,
      0,
      255,
      255,
      0,
      255,
      0,
      0,
    ],
    "AACAgAAAAAQczoeAAAADElEQVR4nGOQZngCAAE5AQBFZJGbAAAAAElFTkSuQmCC": [
      0,
      85,
      170,
      255,
      255,
      170,
      85,
      0,
    ],
    "AACBAAAAACfM8++AAAADklEQVR4nGPgj2IQMgEAAhEAsDE8lsAAAAAASUVORK5CYII=": [
      0,
      255,
      85,
      170,
      17,
      34,
      51,
      68,
    ],
  };
  for (const [text, levels] of Object.entries(files)) {
    const bytes = Uint8Array.fromBase64(`iVBORw0KGgoAAAANSUhEUgAAAAQAA${text}`);
    const { data, width, height, channels } = decodeImage(bytes, "grey.png");
    assertEquals([width, height, channels, [...Array.from(data)]], [4, 2, 1, levels]);
  }
});

Deno.test("imageDatasetFromDirectory: links and folders within count, hidden folders do not, as in Keras", () =>
  inFolder(async (folder) => {
    for (const name of ["b/deep", ".hidden", "elsewhere/sub"]) {
      Deno.mkdirSync(`${folder}/root/${name}`, { recursive: true });
      Deno.writeFileSync(`${folder}/root/${name}/1.png`, Uint8Array.of(name.length));
    }
    Deno.renameSync(`${folder}/root/elsewhere`, `${folder}/elsewhere`);
    // A class that is a link, an image that is one, and a link to a folder within a class.
    Deno.symlinkSync(`${folder}/elsewhere`, `${folder}/root/a`);
    Deno.symlinkSync(`${folder}/elsewhere/sub/1.png`, `${folder}/root/b/0.png`);
    Deno.symlinkSync(`${folder}/elsewhere`, `${folder}/root/b/other`);
    const shared = { decode, colorMode: "grayscale", imageSize: [2, 2], batchSize: 9 } as const;
    const read = (options: Partial<keras.utils.ImageDirectoryOptions>) =>
      utils.imageDatasetFromDirectory(`${folder}/root`, { ...shared, shuffle: false, ...options });
    const found = read({});
    assertEquals(found.classNames, ["a", "b"]);
    const [[images, labels]] = found as Iterable<[tf.Tensor, tf.Tensor]>;
    assertEquals([...await labels.data()], [0, 1, 1]);
    assertEquals([...await images.data()].filter((_, i) => i % 4 === 0), [13, 13, 6]);
    assertEquals(read({ labelMode: "binary" }).cardinality(), 1);
    assertThrows(
      () => read({ classNames: ["a", "c"] }),
      RangeError,
      'classNames has "c", expected names of folders in',
    );
    assertThrows(
      () => read({ classNames: ["a"], labelMode: "binary" }),
      RangeError,
      'labelMode is "binary" with the classes ["a"], expected two classes',
    );
  }));

Deno.test("imageDatasetFromDirectory: a folder a class, in parts that do not overlap", () =>
  inFolder(async (folder) => {
    for (const [name, first] of [["cats", 0], ["dogs", 100]] as const) {
      Deno.mkdirSync(`${folder}/${name}`);
      for (let i = 0; i < 5; i++) {
        Deno.writeFileSync(`${folder}/${name}/${i}.png`, Uint8Array.of(first + i));
      }
      Deno.writeTextFileSync(`${folder}/${name}/readme.txt`, "no image");
    }
    const shared = { decode, colorMode: "grayscale", imageSize: [2, 2], batchSize: 4 } as const;
    const all = utils.imageDatasetFromDirectory(folder, { ...shared, shuffle: false });
    assertEquals(all.classNames, ["cats", "dogs"]);
    const batches = [...all] as [tf.Tensor, tf.Tensor][];
    assertEquals(batches.map(([x]) => x.shape), [[4, 2, 2, 1], [4, 2, 2, 1], [2, 2, 2, 1]]);
    assertEquals([...await batches[1][1].data()], [0, 1, 1, 1]);
    assertEquals((await batches[1][0].data())[4], 100);
    const seen: number[] = [];
    for (const subset of ["training", "validation"] as const) {
      const part = utils.imageDatasetFromDirectory(folder, {
        ...shared,
        labelMode: null,
        validationSplit: 0.3,
        subset,
        seed: 5,
      });
      let count = 0;
      for (const batch of part) {
        const values = await (batch as tf.Tensor).data();
        for (let i = 0; i < values.length; i += 4) seen.push(values[i]);
        count += values.length / 4;
      }
      assertEquals(count, subset === "training" ? 7 : 3);
    }
    assertEquals(seen.sort((a, b) => a - b), [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);
    const model = new keras.Sequential([
      keras.Input({ shape: [2, 2, 1] }),
      new keras.layers.Flatten(),
      new keras.layers.Dense({ units: 2, activation: "softmax" }),
    ]);
    model.compile({ loss: "sparse_categorical_crossentropy" });
    const { history } = await model.fit(all, { epochs: 2, verbose: 0 });
    assertEquals(history.loss.length, 2);
    assertThrows(
      () => utils.imageDatasetFromDirectory(folder, { decode, extensions: [".gif"] }),
      RangeError,
      "has no images in the folders",
    );
  }));
