import type { DicomElement, DicomElements, ElementForm } from './element.js'

export interface ReadElementsOptions {
  /** Offset of the first element. */
  from: number
  /** Whether parsing ends at a tag. (Default: at none) */
  endsAt?: (tag: string) => boolean
}

/** The pixels: the last element that is read; they are not parsed. */
export const pixels = 'x7fe00010'
/** Thrown if elements do not continue up to the end. It does not quote their content. */
export const cutOff = new Error('the data set does not end')
/** Thrown if there are too many elements or nested sequences. */
export const tooMany = new Error('the data set has too many elements')

/**
 * Most elements and items of one file. One takes up to forty times the memory of its eight bytes, so that a file of
 * nothing but elements would otherwise fill the memory; the contours of a whole body need a tenth of this.
 */
const mostElements = 800_000
/** Deepest nesting of sequences; objects of radiotherapy have seven levels. */
const deepest = 64
const undefinedLength = 0xffffffff
const [itemTag, itemEnd, sequenceEnd] = ['xfffee000', 'xfffee00d', 'xfffee0dd']
/** Representations with a length of four bytes after two reserved bytes. */
const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))

/**
 * Parses a data set by the rules of PS3.5 7, and tolerates the violations that other readers tolerate:
 *
 * - delimiters without a counterpart are skipped, as are items that end with a sequence of stated length;
 * - an element whose representation is not two letters is read as implicit or, if it would be too long, as one with an
 *   unknown representation;
 * - without representations, and for representation UN, a value that begins with an item is a sequence if it can be
 *   parsed as one to its end.
 *
 * Returns the elements and the offset of their end.
 *
 * @throws `cutOff`, `tooMany`
 */
export function readElements(
  content: Uint8Array,
  form: ElementForm,
  { from, endsAt = () => false }: ReadElementsOptions,
): { elements: DicomElements; end: number } {
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  let left = mostElements
  let position = from
  const elements: Record<string, DicomElement> = {}
  while (position < content.length) {
    // Padding at the end of a block.
    if (content.length - position < 8 && isZero(position, content.length)) break
    const tag = tagAt(position, form)
    if (tag === itemEnd || tag === sequenceEnd) {
      position += 8
      continue
    }
    if (endsAt(tag)) break
    elements[tag] = readElement(tag, content.length, form, 0)
    if (tag === pixels) break
  }
  return { elements, end: position }

  function tagAt(at: number, { bigEndian }: ElementForm): string {
    if (at + 4 > content.length) throw cutOff
    const group = view.getUint16(at, !bigEndian)
    const number = view.getUint16(at + 2, !bigEndian)
    return `x${(group * 65536 + number).toString(16).padStart(8, '0')}`
  }

  function uint32(at: number, { bigEndian }: ElementForm): number {
    if (at + 4 > content.length) throw cutOff
    return view.getUint32(at, !bigEndian)
  }

  /** Reads the element at the position, up to a limit. */
  function readElement(tag: string, limit: number, form: ElementForm, depth: number): DicomElement {
    if (--left <= 0 || depth > deepest) throw tooMany
    const { vr, length, start } = readHeader(form, limit)
    position = start
    const isOpen = length === undefinedLength
    if (tag === pixels && depth === 0)
      return { vr, dataOffset: start, length: isOpen ? 0 : length, undefinedLength: isOpen }
    if (!isOpen && start + length > limit) throw cutOff
    const end = isOpen ? null : start + length
    const items = readItems(vr, end, form, depth)
    if (items === null && end === null) skipFragments()
    else if (end !== null) position = end
    return {
      vr,
      dataOffset: start,
      length: position - start,
      undefinedLength: isOpen,
      ...(items !== null && { items }),
    }
  }

  function readHeader(form: ElementForm, limit: number) {
    const at = position + 4
    const wide = uint32(at, form)
    if (!form.explicit) return { vr: undefined, length: wide, start: at + 4 }
    const vr = vrAt(at)
    if (vr === null && at + 4 + wide <= limit) return { vr: undefined, length: wide, start: at + 4 }
    if (vr === null)
      return { vr: undefined, length: view.getUint16(at + 2, !form.bigEndian), start: at + 4 }
    if (longForms.has(vr)) return { vr, length: uint32(at + 4, form), start: at + 8 }
    return { vr, length: view.getUint16(at + 2, !form.bigEndian), start: at + 4 }
  }

  function vrAt(at: number): string | null {
    const [first, second] = [content[at]!, content[at + 1]!]
    const isCapital = (byte: number) => byte >= 0x41 && byte <= 0x5a
    if (!isCapital(first) || !isCapital(second)) return null
    return String.fromCharCode(first, second)
  }

  /** Items of a sequence; `null` for any other element. */
  function readItems(
    vr: string | undefined,
    end: number | null,
    form: ElementForm,
    depth: number,
  ): DicomElements[] | null {
    if (vr === 'SQ') return itemsUpTo(end, form, depth)
    if (vr !== undefined && vr !== 'UN') return null
    // Writers without a dictionary wrote sequences as unknown, always in implicit little-endian.
    const inner = vr === 'UN' ? { explicit: false, bigEndian: false } : form
    if (end === null) return itemsUpTo(end, inner, depth)
    const start = position
    if (end - start < 8 || tagAt(start, inner) !== itemTag) return null
    try {
      return itemsUpTo(end, inner, depth)
    } catch (error) {
      if (error !== cutOff) throw error
      // The value only looks like an item.
      position = start
      return null
    }
  }

  /** Reads items up to the end of a sequence of stated length, or up to its delimiter. */
  function itemsUpTo(end: number | null, form: ElementForm, depth: number): DicomElements[] {
    const items: DicomElements[] = []
    const limit = end ?? content.length
    while (end === null || position < end) {
      const tag = tagAt(position, form)
      const length = uint32(position + 4, form)
      position += 8
      if (tag === sequenceEnd && end === null) return items
      if (tag === itemEnd || tag === sequenceEnd) continue
      if (tag !== itemTag || --left <= 0) throw left <= 0 ? tooMany : cutOff
      const itemLimit = length === undefinedLength ? null : position + length
      if (itemLimit !== null && itemLimit > limit) throw cutOff
      items.push(elementsOfItem(itemLimit, limit, form, depth + 1))
    }
    if (position > limit) throw cutOff
    return items
  }

  function elementsOfItem(
    end: number | null,
    limit: number,
    form: ElementForm,
    depth: number,
  ): DicomElements {
    const found: Record<string, DicomElement> = {}
    while (end === null ? position < limit : position < end) {
      const tag = tagAt(position, form)
      if (tag === itemEnd || tag === sequenceEnd) {
        // The end of a sequence also ends its open item; its own delimiter is still to be read.
        if (end === null && tag === sequenceEnd) return found
        position += 8
        if (end === null) return found
        continue
      }
      if (tag === itemTag) throw cutOff
      found[tag] = readElement(tag, end ?? limit, form, depth)
    }
    // An open item may end with a sequence of stated length, but not with the file.
    if (end === null && limit === content.length) throw cutOff
    return found
  }

  /** Skips the fragments of compressed data. */
  function skipFragments(): void {
    const little = { explicit: true, bigEndian: false }
    for (;;) {
      if (--left <= 0) throw tooMany
      const tag = tagAt(position, little)
      const length = uint32(position + 4, little)
      position += 8
      if (tag === sequenceEnd) return
      if (tag !== itemTag || position + length > content.length) throw cutOff
      position += length
    }
  }

  function isZero(start: number, end: number): boolean {
    return content.subarray(start, end).every((byte) => byte === 0)
  }
}
