/**
 * Memory as bytes.
 * @module
 */

/** The bytes of an array, not copied. */
export function viewBytes(
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): Uint8Array<ArrayBuffer> {
  // Native code is told addresses, for which shared memory is like any other.
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Whether as many bytes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
