import { deflateSync, inflateSync } from 'node:zlib'

/** Compresses packed masks, most of whose bytes are 0. */
export function deflateMasks(
  masks: readonly (Uint8Array | null)[],
): (Uint8Array<ArrayBuffer> | null)[] {
  return masks.map((mask) => (mask === null ? null : deflateSync(mask, { level: 1 })))
}

/** Decompresses a stored mask to the form that `packMask` returns. */
export function inflateMask(stored: Uint8Array): Uint8Array {
  return inflateSync(stored)
}
