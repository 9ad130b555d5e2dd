import { LshError } from '../../../core/errors.js'
import { isStandardName } from '../../volume/anatomy.js'
import { siteNames } from './header.js'
import type { DicomElements } from '../elements/element.js'
import { parseDataSet } from '../elements/data-set.js'
import { characterSetsOf, readings } from '../elements/text.js'
import { readPlace } from '../../files/file-place.js'
import { isUnspellable, spellings } from '../../files/fold-text.js'
import { walkFiles } from '../../files/walk-files.js'

/** Values that must not occur in a database. */
export interface IdentifyingValues {
  /** Folded by `foldText`, in each spelling that may occur. */
  readonly values: ReadonlySet<string>
  /** Number of DICOM files that were searched. */
  readonly files: number
}

/** Value representations whose text may identify a patient: names, free text, dates, identifiers. */
const telling = ['PN', 'LO', 'SH', 'LT', 'ST', 'UT', 'UC', 'DA', 'DT', 'AE', 'UI', 'AS']
/**
 * Attributes that may identify a patient if the file does not state representations: those of the patient, the study,
 * people and places, and their remarks. Some groups belong here as a whole, of others single attributes.
 */
const tellingGroups = ['x0010', 'x0032', 'x0038', 'x0040', 'x4008']
const tellingTags = [
  ...['x00080012', 'x00080014', 'x00080018', 'x00080020', 'x00080021', 'x00080022', 'x00080023'],
  ...['x00080050', 'x00080080', 'x00080081', 'x00080090', 'x00080092', 'x00080094', 'x00081010'],
  ...['x00081030', 'x0008103e', 'x00081040', 'x00081048', 'x00081050', 'x00081060', 'x00081070'],
  ...['x00081080', 'x00081155', 'x00081195', 'x00180015', 'x00181000', 'x00181030', 'x0020000d'],
  ...['x0020000e', 'x00200010', 'x00200052', 'x00204000', 'x30060002', 'x30060004', 'x30060006'],
  ...['x30060008', 'x30060024', 'x30060026', 'x30060028', 'x30060085', 'x30060088', 'x300600a6'],
  ...['x300a0002', 'x300a0003', 'x300a0004', 'x300a0006', 'x300a000e', 'x300a0013', 'x300a0016'],
  ...['x300a00b2', 'x300a00c2', 'x300a00c3', 'x300e0004', 'x300e0008'],
]
/** Attributes that state the kind of file and the product that wrote it. */
const harmless = ['x00020010', 'x00080016', 'x00081150', 'x00080070', 'x00081090', 'x00181020']
/** UIDs defined by the standard. */
const standardUid = '1.2.840.10008.'
/**
 * Shorter values occur by chance. The limits are for letters of alphabets, and for characters that are each a word or
 * part of one.
 */
const shortest = { letters: 4, signs: 2 } as const
/** Longer values are free text rather than identifiers. */
const longest = 256

/**
 * Collects the values of identifying attributes from all DICOM files of folders and zip archives, including nested
 * sequences, in all character sets; for names, also their parts.
 */
export async function identifyingValues(paths: readonly string[]): Promise<IdentifyingValues> {
  const values = new Set<string>()
  let files = 0
  for await (const found of walkFiles(paths)) {
    if ('reason' in found) continue
    try {
      const { place, start } = found
      const bytes = start.length < place.size ? await readPlace(place) : start
      const { elements, content } = await parseDataSet(bytes, place.name)
      files++
      for (const value of valuesOf(elements, content, [])) values.add(value)
    } catch (error) {
      // Files that are not DICOM have no attributes.
      if (!(error instanceof LshError)) throw error
    }
  }
  return { values, files }
}

function* valuesOf(
  elements: DicomElements,
  content: Uint8Array,
  outer: readonly string[],
): Generator<string> {
  // An item may have its own character sets; otherwise those of its parent apply.
  const own = characterSetsOf(content, elements)
  const sets = own.length > 0 ? own : outer
  for (const [tag, element] of Object.entries(elements)) {
    if (element === undefined) continue
    for (const item of element.items ?? []) yield* valuesOf(item, content, sets)
    const { vr, length, dataOffset } = element
    if (element.items !== undefined || harmless.includes(tag) || length > longest) continue
    if (!tells(tag, vr)) continue
    const isName = vr === 'PN' || tag === 'x00100010'
    for (const text of readings(content.subarray(dataOffset, dataOffset + length), sets))
      for (const value of text.split('\\')) yield* waysOf(value, isName)
  }
}

/** A value, and for a name its parts, in each possible spelling. */
function* waysOf(value: string, isName: boolean): Generator<string> {
  const parts = isName ? value.split(/[\^= ,]+/) : []
  const inOrder = isName ? value.split('=').flatMap(ordersOf) : []
  for (const part of [value, ...inOrder, ...parts]) {
    const plain = part.replace(/[\0\s]+/g, ' ').trim()
    for (const way of spellings(plain)) if (identifies(way)) yield* formsOf(way)
  }
}

/** The words of a name with the family name first, as in DICOM, and last. */
function ordersOf(name: string): string[] {
  const [family = '', ...given] = name.split('^').filter((part) => part.trim() !== '')
  return [[family, ...given].join(' '), [...given, family].join(' ')]
}

function tells(tag: string, vr: string | undefined): boolean {
  // The meaning of private attributes is unknown.
  const isPrivate = parseInt(tag.slice(4, 5), 16) % 2 === 1
  if (vr !== undefined && vr !== 'UN') return telling.includes(vr)
  return !isPrivate && (tellingGroups.includes(tag.slice(0, 5)) || tellingTags.includes(tag))
}

/** A date is also searched in the format of databases. */
function formsOf(value: string): string[] {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(value) ?? []
  return year === undefined ? [value] : [value, `${year}-${month}-${day}`]
}

/** False for values that are the same for every patient. */
function identifies(value: string): boolean {
  const { letters, signs } = shortest
  return (
    value.length >= (isUnspellable(value) ? signs : letters) &&
    !value.startsWith(standardUid) &&
    !isStandardName(value) &&
    !siteNames.includes(value)
  )
}
