/** Event files: records against TensorFlow's bytes (tests/golden/tensorboard_golden.py), and what a writer writes. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
import { eventRecord, type EventValue, versionRecord } from "../../onnx/mod.ts";
import golden from "../golden/tensorboard.json" with { type: "json" };
import { readEvents } from "../event_file.ts";
import { inFolder } from "../in_folder.ts";

const at = (step: number, tag: string, value: EventValue) =>
  eventRecord({ wallTime: 1.5e9, step, tag, value });

const records: Record<string, Uint8Array> = {
  version: versionRecord(1.5e9),
  scalar: at(7, "loss", { scalar: 0.25 }),
  "large step": at(5_000_000_000, "a/b", { scalar: -3 }),
  histogram: at(1, "w", {
    histogram: {
      min: -1,
      max: 2.5,
      count: 3,
      sum: 2,
      sumSquares: 7.5,
      limits: [-0.5, 0, 3],
      counts: [1, 0, 2],
    },
  }),
  image: at(1, "i", { image: { height: 2, width: 3, channels: 1, png: Uint8Array.of(1, 2, 3) } }),
  text: at(2, "note/text_summary", { text: "**bold**" }),
};

/** Fields of a message in the order of their values: the format leaves the order free. */
function sorted(message: Uint8Array): string {
  const parts: [number, string][] = [];
  let i = 0;
  const varint = () => {
    let [value, shift] = [0n, 0n];
    for (;; shift += 7n) {
      const byte = message[i++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (i < message.length) {
    const key = Number(varint());
    const begin = i;
    if (key % 8 === 0) varint();
    else if (key % 8 === 1) i += 8;
    else if (key % 8 === 5) i += 4;
    else i += Number(varint());
    parts.push([key, message.subarray(begin, i).toHex()]);
  }
  return parts.toSorted(([a], [b]) => a - b).map(([key, hex]) => `${key}:${hex}`).join(" ");
}

for (const [name, record] of Object.entries(records)) {
  Deno.test(`event record: ${name} is TensorFlow's`, () => {
    const expected = Uint8Array.fromHex((golden as Record<string, string>)[name]);
    // Length and its checksum first; then the message, whose fields may come in another order, and its checksum.
    assertEquals(record.subarray(0, 12).toHex(), expected.subarray(0, 12).toHex());
    if (name !== "text") return assertEquals(record.toHex(), expected.toHex());
    assertEquals(record.length, expected.length);
    assertEquals(sorted(record.subarray(12, 21)), sorted(expected.subarray(12, 21)));
  });
}

Deno.test("a writer writes a file that holds all events in order", async () => {
  await inFolder(async (folder) => {
    const path = await (async () => {
      await using writer = new torch.utils.tensorboard.SummaryWriter({
        logDir: `${folder}/runs/first`,
      });
      writer.addScalar("loss", 1, 0);
      writer.addScalar("loss", torch.tensor(0.5), 1);
      writer.addScalars("both", { a: 1, b: 2 }, 1);
      writer.addHistogram("w", torch.randn([100]), 1);
      writer.addText("note", "text", 1);
      writer.addImage("image", torch.rand([3, 4, 5]), 1);
      await writer.flush();
      writer.addScalar("loss", 0.25, 2);
      return writer.path;
    })();
    const bytes = await Deno.readFile(path);
    const view = new DataView(bytes.buffer);
    const lengths: number[] = [];
    for (let i = 0; i < bytes.length; i += 16 + lengths.at(-1)!) {
      lengths.push(Number(view.getBigUint64(i, true)));
    }
    assertEquals(lengths.length, 9);
    assert(new TextDecoder().decode(bytes).includes("both/b"));
  });
});

Deno.test("a write that failed loses nothing: the next one has all events in their order, but for values that failed", () =>
  inFolder(async (folder) => {
    const place = `${folder}/runs`;
    await Deno.writeTextFile(place, "in the way");
    const writer = new torch.utils.tensorboard.SummaryWriter(place);
    for (const step of [0, 1]) {
      writer.addScalar("loss", step + 1, step);
      await assertRejects(() => writer.flush());
    }
    await Deno.remove(place);
    writer.addImage("bad", torch.zeros([2, 4, 4]), 2);
    writer.addScalar("loss", 3, 3);
    await assertRejects(() => writer.close(), Error, "of 1, 3 or 4 channels");
    const events = readEvents(place).map(({ tag, step, scalar }) => [tag, step, scalar]);
    assertEquals(events, [["loss", 0, 1], ["loss", 1, 2], ["loss", 3, 3]]);
  }));

Deno.test("a closed writer and what is no image are refused", async () => {
  await inFolder(async (folder) => {
    const writer = new torch.utils.tensorboard.SummaryWriter(folder);
    writer.addImage("bad", torch.zeros([2, 4, 4]));
    await assertRejects(() => writer.close(), Error, "of 1, 3 or 4 channels, got shape [2, 4, 4]");
    assertThrows(() => writer.addScalar("loss", 1), Error, "is closed");
    assertThrows(
      () => new torch.utils.tensorboard.SummaryWriter({ log_dir: "x" } as never),
      TypeError,
      'did you mean "logDir"',
    );
  });
});
