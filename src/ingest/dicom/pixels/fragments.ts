import type { Refuse } from '../elements/refusal.js'

const itemTag = 0xe000fffe
const delimiterTag = 0xe0ddfffe

/** Start and end of an item after its header. */
type Span = readonly [from: number, to: number]

/** Whether a JPEG or JPEG 2000 stream begins at an offset. */
function startsImage(content: Uint8Array, at: number): boolean {
  return content[at] === 0xff && (content[at + 1] === 0xd8 || content[at + 1] === 0x4f)
}

/**
 * The compressed frames that begin at an offset. If there is a single frame, all fragments belong to it. For several
 * frames, each has one fragment, or a table gives their starts, or their first bytes mark them.
 */
export function splitFrames(
  content: Uint8Array,
  offset: number,
  frames: number,
  refuse: Refuse,
): (frame: number) => Uint8Array {
  const [table = [0, 0], ...fragments] = items()
  if (fragments.length === 0) refuse('contains no compressed image')
  if (frames === 1) return () => join(fragments)
  if (fragments.length === frames)
    return (frame) => content.subarray(...(fragments[frame] as [number, number]))
  const [from, to] = table
  const begun = fragments.flatMap(([at], i) => (startsImage(content, at) ? [i] : []))
  if (to === from && begun.length === frames && begun[0] === 0)
    return (frame) => join(fragments.slice(begun[frame], begun[frame + 1]))
  if (to - from !== 4 * frames)
    refuse(`has ${fragments.length} fragments for ${frames} frames but no offset table`)
  const view = new DataView(content.buffer, content.byteOffset + from, to - from)
  // Counted from the header of the first fragment.
  const starts = Array.from({ length: frames }, (_, i) => to + 8 + view.getUint32(4 * i, true))
  const parts = starts.map((start, i) =>
    fragments.filter((span) => span[0] >= start && span[0] < (starts[i + 1] ?? Infinity)),
  )
  if (parts.some((part, i) => part[0]?.[0] !== starts[i]))
    refuse('is damaged: its offset table does not point to fragments')
  return (frame) => join(parts[frame] ?? [])

  function join(spans: readonly Span[]): Uint8Array {
    if (spans.length === 1) return content.subarray(...(spans[0] as [number, number]))
    return new Uint8Array(Buffer.concat(spans.map((span) => content.subarray(...span))))
  }

  function items(): Span[] {
    // Items are little-endian in every transfer syntax that has them.
    const view = new DataView(content.buffer, content.byteOffset, content.length)
    const found: Span[] = []
    for (let at = offset; ;) {
      if (at + 8 > content.length) refuse('is cut off: its last fragment is missing')
      const tag = view.getUint32(at, true)
      const size = view.getUint32(at + 4, true)
      at += 8
      if (tag === delimiterTag && found.length > 0) return found
      if (tag !== itemTag) refuse('is damaged: its fragments are not contiguous')
      if (at + size > content.length) refuse('is cut off: a fragment ends beyond the file')
      // Skips empty fragments, of which a file may have any number.
      if (size > 0 || found.length === 0) found.push([at, at + size])
      at += size
    }
  }
}
