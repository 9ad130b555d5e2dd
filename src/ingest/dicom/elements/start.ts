import type { ElementForm } from './element.js'
import { readElements } from './elements.js'
import { refusal } from './refusal.js'
import { bigEndian, deflated, explicitLittle, implicitLittle } from './transfer-syntax.js'

/** Offset of the data set of a file, and its encoding. */
export interface DicomStart {
  readonly from: number
  /** UID of the transfer syntax. */
  readonly transferSyntax: string
}

const preambleBytes = 128
const prefix = [0x44, 0x49, 0x43, 0x4d]
const metaForm: ElementForm = { explicit: true, bigEndian: false }

/**
 * Reads the header of part 10: a preamble of 128 bytes, "DICM", and the group 0002 in explicit VR little-endian. Some
 * planning systems omit the preamble, "DICM", the length of the group, or all of it.
 *
 * @throws LshError `bad_input` if the file is not DICOM, or does not state its encoding
 */
export function readStart(content: Uint8Array, name: string): DicomStart {
  const bare = bareTransferSyntax(content)
  if (bare !== null) return { from: 0, transferSyntax: bare }
  const at = metaAt(content)
  if (at === null)
    return refusal(name)(
      'is not a DICOM file: it has no "DICM" after 128 bytes',
      'Give a DICOM file (part 10); "dcmconv" of DCMTK adds the header to a bare data set.',
    )
  // The tags of the elements show the end of the group more reliably than its length.
  const endsAt = (tag: string) => !tag.startsWith('x0002')
  const { elements, end } = readElements(content, metaForm, { from: at, endsAt })
  const syntax = elements.x00020010
  if (syntax === undefined)
    return refusal(name, '(0002,0010) Transfer Syntax UID')(
      'is missing',
      'Write the file again with a complete header, as "dcmconv" of DCMTK does.',
    )
  const uid = String.fromCharCode(
    ...content.subarray(syntax.dataOffset, syntax.dataOffset + Math.min(64, syntax.length)),
  ).replace(/[\0 ]+$/, '')
  return { from: end, transferSyntax: written(content, end, uid) }
}

/** Offset of the group 0002; `null` for other files. */
function metaAt(content: Uint8Array): number | null {
  if (startsWith(content, prefix, preambleBytes)) return preambleBytes + prefix.length
  if (startsWith(content, prefix)) return prefix.length
  // Without its preamble: the first element is of group 0002 and has a representation of two letters.
  const isMeta = startsWith(content, [2, 0]) && content[3] === 0 && hasVr(content, 0)
  return isMeta ? 0 : null
}

/**
 * The transfer syntax of a data set without the header of part 10; `null` for other bytes. It is recognised by its
 * first attribute, which is of group 0008 in every object: the tag is followed by the letters of a value representation
 * or by a short length.
 */
function bareTransferSyntax(content: Uint8Array): string | null {
  if (!startsWith(content, [8, 0]) || content[3] !== 0) return null
  if (hasVr(content, 0)) return explicitLittle
  return content[6] === 0 && content[7] === 0 ? implicitLittle : null
}

/** Corrects headers that say implicit for a data set with representations, or the other way round. */
function written(content: Uint8Array, from: number, uid: string): string {
  if (from + 8 > content.length) return uid
  if (uid === implicitLittle && hasVr(content, from)) return explicitLittle
  if (uid === explicitLittle && !hasVr(content, from) && content[from + 7] === 0)
    return implicitLittle
  return uid
}

function hasVr(content: Uint8Array, at: number): boolean {
  const isCapital = (byte = 0) => byte >= 0x41 && byte <= 0x5a
  return isCapital(content[at + 4]) && isCapital(content[at + 5])
}

/** Encoding of the elements of a data set. */
export function formOf(transferSyntax: string): ElementForm {
  return { explicit: transferSyntax !== implicitLittle, bigEndian: transferSyntax === bigEndian }
}

/** Whether the data set after the header is deflated. */
export function isDeflated(transferSyntax: string): boolean {
  return transferSyntax === deflated
}

function startsWith(content: Uint8Array, bytes: readonly number[], at = 0): boolean {
  return bytes.every((byte, i) => content[at + i] === byte)
}
