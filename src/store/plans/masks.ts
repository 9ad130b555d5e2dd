import { deflateSync, inflateSync } from 'node:zlib'

/** Masks as they are stored: most of their bytes are 0. */
export function deflateMasks(
  masks: readonly (Uint8Array | null)[],
): (Uint8Array<ArrayBuffer> | null)[] {
  return masks.map((mask) => (mask === null ? null : deflateSync(mask, { level: 1 })))
}

/** A stored mask as `packMask` packed it. */
export function inflateMask(stored: Uint8Array): Uint8Array {
  return inflateSync(stored)
}
