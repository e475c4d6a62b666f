/** Single images in files. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { inFolder } from "../in_folder.ts";

const { loadImg, saveImg } = keras.utils;

Deno.test("an image comes back from a PNG as it was written, in the channels and size that are wanted", () =>
  inFolder(async (folder) => {
    const path = `${folder}/image.png`;
    const image = [[[0, 10, 20], [30, 40, 50]], [[60, 70, 80], [90, 100, 255]]];
    await saveImg(path, image, { scale: false });
    assertEquals(await (await loadImg(path)).array(), image);
    const opacity = await (await loadImg(path, { colorMode: "rgba" })).array();
    assertEquals(opacity[0][0], [0, 10, 20, 255]);
    const wide = await loadImg(path, { targetSize: [4, 4] });
    assertEquals((await wide.array())[3].map(([red]) => red), [60, 60, 90, 90]);
    // As Keras scales: from the least value to the greatest, cut to whole numbers.
    await saveImg(path, tf.tensor3d([[[-1], [0], [1]]]));
    assertEquals(await (await loadImg(path, { colorMode: "grayscale" })).array(), [
      [[0], [127], [255]],
    ]);
    await saveImg(path, tf.tensor3d([[[1, 2]], [[3, 4]], [[5, 6]]]), {
      dataFormat: "channels_first",
      scale: false,
    });
    assertEquals(await (await loadImg(path)).array(), [[[1, 3, 5], [2, 4, 6]]]);
  }));

Deno.test("JPEG files are near; what no image can be is refused, and nothing is written", () =>
  inFolder(async (folder) => {
    const plain = tf.fill([8, 8, 3], 200);
    await saveImg(`${folder}/image.jpg`, plain, { scale: false });
    const back = await loadImg(`${folder}/image.jpg`);
    assertEquals(back.shape, [8, 8, 3]);
    assert((await back.data()).every((value) => Math.abs(value - 200) <= 3));
    await assertRejects(() => saveImg(`${folder}/x.gif`, plain), RangeError, '"gif"');
    await assertRejects(
      () => saveImg(`${folder}/x.png`, tf.zeros([2, 2])),
      RangeError,
      "image is [2,2], expected [rows, columns, channels]",
    );
    await Deno.writeTextFile(`${folder}/text.png`, "no image");
    await assertRejects(() => loadImg(`${folder}/text.png`), TypeError, "neither PNG nor JPEG");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "image.jpg",
      "text.png",
    ]);
  }));
