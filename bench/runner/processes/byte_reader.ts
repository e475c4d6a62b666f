/**
 * Reads lines and raw bytes that follow each other in one stream.
 * @module
 */

/** Bytes that are read one after the other. */
export class ByteReader {
  #rest = new Uint8Array(0);

  constructor(readonly source: { read(into: Uint8Array): Promise<number | null> }) {}

  /** The next line, without its end; null at the end of the stream. */
  async line(): Promise<string | null> {
    const parts: Uint8Array[] = [];
    while (true) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        parts.push(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return textOf(parts);
      }
      parts.push(this.#rest);
      const chunk = new Uint8Array(65_536);
      const count = await this.source.read(chunk);
      this.#rest = chunk.subarray(0, count ?? 0);
      if (count === null) return null;
    }
  }

  /** Fills an array with the next bytes; false where the stream ends before. */
  async fill(bytes: Uint8Array): Promise<boolean> {
    let done = Math.min(this.#rest.length, bytes.length);
    bytes.set(this.#rest.subarray(0, done));
    this.#rest = this.#rest.subarray(done);
    while (done < bytes.length) {
      const count = await this.source.read(bytes.subarray(done));
      if (count === null) return false;
      done += count;
    }
    return true;
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
