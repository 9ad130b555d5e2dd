import type { DicomElement, DicomElements, ElementForm } from './element.js'

export interface ReadElementsOptions {
  /** Where the first element begins. */
  from: number
  /** Tells at which tag the reading ends. (Default: at none) */
  endsAt?: (tag: string) => boolean
}

/** Pixels are the last element that is read, and are not taken apart. */
export const pixels = 'x7fe00010'
/** Thrown where elements do not follow each other up to the end. It says nothing of what they hold. */
export const cutOff = new Error('the data set does not end')
/** Thrown where there are too many elements, or sequences within each other. */
export const tooMany = new Error('the data set has too many elements')

/**
 * Elements and items that are read of one file. One takes up to forty times the memory of its eight bytes, so
 * that a file of nothing but elements would else fill all there is; the contours of a whole body need
 * a tenth of it.
 */
const mostElements = 800_000
/** Sequences within each other; objects of radiotherapy have seven. */
const deepest = 64
const undefinedLength = 0xffffffff
const [itemTag, itemEnd, sequenceEnd] = ['xfffee000', 'xfffee00d', 'xfffee0dd']
/** Representations whose length has four bytes, behind two that are reserved. */
const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))

/**
 * Takes a data set apart, by the rules of PS3.5 7, and where writers break them as other readers do:
 *
 * - delimiters that close nothing are passed over, as are items that a sequence of stated length closes anyway;
 * - an element whose representation is no two letters is read as an implicit one, or, where it would be too long for
 *   that, as one with a strange representation;
 * - without representations, and of representation UN, what begins with an item is a sequence if it can be
 *   read as one to its end.
 *
 * Returns the elements and where they ended.
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
    // What is left of a block that was filled up.
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

  /** Items of a sequence, `null` of any other element. */
  function readItems(
    vr: string | undefined,
    end: number | null,
    form: ElementForm,
    depth: number,
  ): DicomElements[] | null {
    if (vr === 'SQ') return itemsUpTo(end, form, depth)
    if (vr !== undefined && vr !== 'UN') return null
    // Whoever knew no dictionary wrote sequences as unknown, always in implicit little endian.
    const inner = vr === 'UN' ? { explicit: false, bigEndian: false } : form
    if (end === null) return itemsUpTo(end, inner, depth)
    const start = position
    if (end - start < 8 || tagAt(start, inner) !== itemTag) return null
    try {
      return itemsUpTo(end, inner, depth)
    } catch (error) {
      if (error !== cutOff) throw error
      // A value that begins as an item would, and is none.
      position = start
      return null
    }
  }

  /** Reads items up to where a sequence of stated length ends, or up to its delimiter. */
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
        // A sequence that ends ends its open item, too; its own delimiter is still to be read.
        if (end === null && tag === sequenceEnd) return found
        position += 8
        if (end === null) return found
        continue
      }
      if (tag === itemTag) throw cutOff
      found[tag] = readElement(tag, end ?? limit, form, depth)
    }
    // An open item in a sequence of stated length may end with it, never with the file.
    if (end === null && limit === content.length) throw cutOff
    return found
  }

  /** Passes over the fragments of something compressed. */
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
