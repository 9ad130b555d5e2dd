import { attribute, readText, type Attribute } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import { characterSetsOf, readings } from '../elements/text.js'
import type { Reason } from './dose-parts.js'
import type { Identity } from '../../files/hide-names.js'

/** The patient of a file. Never leaves the process. */
export interface DicomPatient {
  /** A key that distinguishes the patient from others. */
  readonly key: string
  /** Birth date in digits and sex; `null` if missing. */
  readonly born: string | null
  readonly sex: string | null
  readonly identity: Identity
}

const patientName = attribute('0010,0010', 'Patient Name')
const patientId = attribute('0010,0020', 'Patient ID')
const patientIssuer = attribute('0010,0021', 'Issuer of Patient ID')
export const birthDate = attribute('0010,0030', 'Patient Birth Date')
export const patientSex = attribute('0010,0040', 'Patient Sex')
const otherIds = attribute('0010,1000', 'Other Patient IDs')
const otherNames = attribute('0010,1001', 'Other Patient Names')
const birthName = attribute('0010,1005', 'Patient Birth Name')
const accession = attribute('0008,0050', 'Accession Number')

export function readPatient(dataSet: DicomDataSet, study: string): DicomPatient {
  const name = readText(dataSet, patientName)
  const id = readText(dataSet, patientId)
  const born = readText(dataSet, birthDate)
  return {
    // Files without a patient number belong together unless other values differ.
    key: JSON.stringify(
      id !== null ? [id, readText(dataSet, patientIssuer)] : name !== null ? [name, born] : [study],
    ),
    born: digitsOf(born),
    sex: readText(dataSet, patientSex),
    identity: {
      names: [patientName, otherNames, birthName]
        .flatMap((which) => textsOf(dataSet, which))
        .flatMap((text) => text.split(/[\^= ,;\\]+/))
        .filter((part) => part.length >= 2),
      numbers: [
        ...[patientId, otherIds, accession].flatMap((which) => textsOf(dataSet, which)),
        born ?? '',
      ]
        .flatMap((text) => text.split('\\'))
        .filter((part) => part.length >= 3),
    },
  }
}

/** A date without the dots of an older format: `1947.03.12`. */
function digitsOf(date: string | null): string | null {
  const digits = date?.replace(/\D/g, '') ?? ''
  return digits === '' ? null : digits
}

/** All possible readings of the bytes of an attribute. */
function textsOf({ content, elements }: DicomDataSet, { key }: Attribute): string[] {
  const element = elements[key]
  if (element === undefined) return []
  const { dataOffset, length } = element
  const bytes = content.subarray(dataOffset, Math.min(content.length, dataOffset + length))
  return readings(bytes, characterSetsOf(content, elements)).map((text) =>
    text.replace(/^[\0 ]+|[\0 ]+$/g, ''),
  )
}

/**
 * Patient numbers that several persons may share: files with the same number but another birth date or sex. Names are
 * not compared, because spellings vary and names change.
 */
export function personDisputes(patients: Iterable<DicomPatient>): ReadonlyMap<string, Reason> {
  const seen = new Map<string, { born: Set<string>; sex: Set<string> }>()
  for (const { key, born, sex } of patients) {
    const person = seen.get(key) ?? { born: new Set(), sex: new Set() }
    if (born !== null) person.born.add(born)
    if (sex === 'M' || sex === 'F') person.sex.add(sex)
    seen.set(key, person)
  }
  const disputes = new Map<string, Reason>()
  for (const [key, { born, sex }] of seen) {
    const label = born.size > 1 ? birthDate.label : sex.size > 1 ? patientSex.label : null
    if (label !== null)
      disputes.set(key, {
        reason: `whose files do not agree in ${label}: two people may share the number`,
        hint: 'Correct the files of one of them in the archive; two patients must not share a number.',
      })
  }
  return disputes
}
