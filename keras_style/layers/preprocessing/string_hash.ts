/**
 * Hashes of strings as TensorFlow has them (to_hash_bucket_fast and to_hash_bucket_strong). SipHash: Aumasson and Bernstein,
 * 2012.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const encoder = new TextEncoder();

/** Two numbers of 64 bits that nobody else knows. */
export type HashKey = readonly [number, number];

/** Which of so many bins a string falls into; with a key, of SipHash. */
export function binOf(text: string, bins: number, key?: HashKey): number {
  const bytes = encoder.encode(text);
  const hash = key ? sipHash(bytes, key) : BigInt(tf.util.fingerPrint64(bytes).toString());
  return Number(BigInt.asUintN(64, hash) % BigInt(bins));
}

/** SipHash with two rounds a word and four at the end. */
function sipHash(bytes: Uint8Array, key: HashKey): bigint {
  const [low, high] = key.map((part) => BigInt.asUintN(64, BigInt(part)));
  const v = BigUint64Array.of(
    low ^ 0x736f6d6570736575n,
    high ^ 0x646f72616e646f6dn,
    low ^ 0x6c7967656e657261n,
    high ^ 0x7465646279746573n,
  );
  for (const word of wordsOf(bytes)) {
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
  }
  v[2] ^= 0xffn;
  mix(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/** Words of 64 bits, zeros behind the bytes, their count in the last byte. */
function wordsOf(bytes: Uint8Array): BigUint64Array {
  const padded = new DataView(new ArrayBuffer(8 * (Math.floor(bytes.length / 8) + 1)));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(padded.byteLength - 1, bytes.length);
  return BigUint64Array.from(
    { length: padded.byteLength / 8 },
    (_, i) => padded.getBigUint64(8 * i, true),
  );
}

function mix(v: BigUint64Array, rounds: number): void {
  const add = (to: number, from: number, bits: bigint) => {
    v[to] += v[from];
    v[from] = turned(v[from], bits) ^ v[to];
  };
  for (let round = 0; round < rounds; round++) {
    add(0, 1, 13n);
    v[0] = turned(v[0], 32n);
    add(2, 3, 16n);
    add(0, 3, 21n);
    add(2, 1, 17n);
    v[2] = turned(v[2], 32n);
  }
}

/** Bits that leave at the front come back behind. */
function turned(x: bigint, bits: bigint): bigint {
  return (x << bits) | (x >> (64n - bits));
}
