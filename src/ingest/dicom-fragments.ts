import type { Refuse } from './dicom-refusal.js'

const itemTag = 0xe000fffe
const delimiterTag = 0xe0ddfffe

/**
 * The compressed image that begins at an offset: all fragments, one after the other, as there is
 * only one frame. The table of offsets before them has then nothing to tell.
 */
export function joinFragments(content: Uint8Array, offset: number, refuse: Refuse): Uint8Array {
  let length = 0
  walk((from, to) => (length += to - from))
  const joined = new Uint8Array(length)
  let filled = 0
  walk((from, to) => {
    joined.set(content.subarray(from, to), filled)
    filled += to - from
  })
  if (length === 0) refuse('has no compressed image in it')
  return joined

  /** Twice over the items rather than once with a list, which might be long. */
  function walk(visit: (from: number, to: number) => void) {
    // Items are little endian in every transfer syntax that has them.
    const view = new DataView(content.buffer, content.byteOffset, content.length)
    let table = true
    for (let at = offset; ; table = false) {
      if (at + 8 > content.length) refuse('is cut off: its last fragment is not there')
      const tag = view.getUint32(at, true)
      const size = view.getUint32(at + 4, true)
      at += 8
      if (tag === delimiterTag && !table) return
      if (tag !== itemTag) refuse('is damaged: its fragments do not follow each other')
      if (at + size > content.length) refuse('is cut off: a fragment ends after the file')
      if (!table) visit(at, at + size)
      at += size
    }
  }
}
