/** Reads TensorBoard's event files, for tests of what writes them. */

/** A value of an event. */
export interface ReadEvent {
  readonly step: number;
  readonly tag: string;
  /** Undefined for what is no scalar. */
  readonly scalar: number | undefined;
}

/** The fields of a protocol buffer message: numbers of varints, bytes of the others. */
function fields(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const found = new Map<number, (number | Uint8Array)[]>();
  let i = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = message[i++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (i < message.length) {
    const key = varint();
    const wire = key % 8;
    let value: number | Uint8Array;
    if (wire === 0) value = varint();
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      value = message.subarray(i, i + length);
      i += length;
    }
    found.set(key >> 3, [...found.get(key >> 3) ?? [], value]);
  }
  return found;
}

/** The values of all event files in a folder, in the order of the files' names. */
export function readEvents(folder: string): ReadEvent[] {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return names.flatMap((name) => {
    const bytes = Deno.readFileSync(`${folder}/${name}`);
    const view = new DataView(bytes.buffer);
    const events: ReadEvent[] = [];
    for (let i = 0; i < bytes.length;) {
      const length = Number(view.getBigUint64(i, true));
      const event = fields(bytes.subarray(i + 12, i + 12 + length));
      i += 16 + length;
      for (const summary of event.get(5) ?? []) {
        for (const value of fields(summary as Uint8Array).get(1) ?? []) {
          const parts = fields(value as Uint8Array);
          const float = parts.get(2)?.[0] as Uint8Array | undefined;
          events.push({
            step: (event.get(2)?.[0] ?? 0) as number,
            tag: new TextDecoder().decode(parts.get(1)![0] as Uint8Array),
            scalar: float && new DataView(float.buffer, float.byteOffset).getFloat32(0, true),
          });
        }
      }
    }
    return events;
  });
}
