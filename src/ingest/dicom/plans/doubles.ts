import { createHash } from 'node:crypto'
import { LshError } from '../../../core/errors.js'
import { parseDataSet, type DicomDataSet } from '../elements/data-set.js'
import type { DicomElement, DicomElements } from '../elements/element.js'
import { pixels } from '../elements/elements.js'
import type { DicomHeader } from './header.js'
import { readDicomImages, type DicomImage } from '../objects/image.js'
import type { Reason } from './dose-parts.js'
import { readPlace } from '../../files/file-place.js'
import type { LeftOut } from '../../files/walk-files.js'

/** Objects by their UID, without duplicates. */
export interface DistinctObjects {
  readonly headers: readonly DicomHeader[]
  /** UIDs that two files with different content share, with the reason for refusing them. */
  readonly disputed: ReadonlyMap<string, Reason>
  readonly leftOut: readonly LeftOut[]
}

/**
 * Leaves out copies of an object: files with the same bytes, the same values in another encoding, or the same image in
 * another compression. If two files with one UID differ, it is unknown which of them a plan refers to.
 */
export async function distinctObjects(headers: readonly DicomHeader[]): Promise<DistinctObjects> {
  const kept = new Map<string, DicomHeader>()
  const disputed = new Map<string, Reason>()
  const leftOut: LeftOut[] = []
  for (const header of headers) {
    const first = kept.get(header.uid)
    const { name } = header.place
    if (first === undefined) kept.set(header.uid, header)
    else if (await isSame(first, header))
      leftOut.push({
        file: name,
        reason: `is the same object as ${first.place.name}`,
        hint: 'Nothing to do: one of them is used.',
      })
    else {
      const reason = `has the (0008,0018) SOP Instance UID of ${first.place.name} but other content`
      const hint = 'Keep the correct file, and remove the other one from the folder.'
      leftOut.push({ file: name, reason, hint })
      disputed.set(header.uid, { reason: `${name} ${reason}`, hint })
    }
  }
  return { headers: [...kept.values()], disputed, leftOut }
}

async function isSame(first: DicomHeader, second: DicomHeader): Promise<boolean> {
  const [one, other] = [first.place, second.place]
  const [a, b] = [await readPlace(one), await readPlace(other)]
  if (digest(a) === digest(b)) return true
  try {
    if (sameValues(await parseDataSet(a, one.name), await parseDataSet(b, other.name))) return true
    if (first.kind !== 'ct' || second.kind !== 'ct') return false
    return sameImages(await readDicomImages(a, one.name), await readDicomImages(b, other.name))
  } catch (error) {
    // A file that cannot be parsed is not a copy of one that can.
    if (!(error instanceof LshError)) throw error
    return false
  }
}

/** Whether images have the same Hounsfield units at the same place. */
function sameImages(a: readonly DicomImage[], b: readonly DicomImage[]): boolean {
  const bytesOf = ({ hu }: DicomImage) => Buffer.from(hu.buffer, hu.byteOffset, hu.byteLength)
  const placeOf = ({ hu: _, ...place }: DicomImage) => JSON.stringify(place)
  return (
    a.length === b.length &&
    a.every((one, i) => placeOf(one) === placeOf(b[i]!) && bytesOf(one).equals(bytesOf(b[i]!)))
  )
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function sameValues(a: DicomDataSet, b: DicomDataSet): boolean {
  // Big-endian changes the bytes of the same values; compressed pixels would have to be decompressed.
  if (a.bigEndian !== b.bigEndian) return false
  if (a.elements[pixels]?.undefinedLength === true) return false
  return sameElements(a.elements, b.elements)

  function sameElements(one: DicomElements, other: DicomElements): boolean {
    const [tags, others] = [counting(one), counting(other)]
    return (
      tags.length === others.length &&
      tags.every((tag, i) => tag === others[i] && sameElement(one[tag]!, other[tag]!))
    )
  }

  function sameElement(one: DicomElement, other: DicomElement): boolean {
    if (one.items !== undefined || other.items !== undefined) {
      const [items, others] = [one.items ?? [], other.items ?? []]
      return (
        items.length === others.length && items.every((item, i) => sameElements(item, others[i]!))
      )
    }
    const [value, also] = [valueOf(a, one), valueOf(b, other)]
    return Buffer.compare(value, also) === 0
  }
}

/** Tags to compare, without group lengths, which writers may omit. */
function counting(elements: DicomElements): string[] {
  return Object.keys(elements)
    .filter((tag) => !tag.endsWith('0000'))
    .sort()
}

function valueOf({ content }: DicomDataSet, { dataOffset, length }: DicomElement): Uint8Array {
  let end = dataOffset + length
  // Padding to an even length.
  while (end > dataOffset && [0, 0x20].includes(content[end - 1]!)) end--
  return content.subarray(dataOffset, end)
}
