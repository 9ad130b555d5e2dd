import { attribute, readItems, readText, refuseAttribute, required } from './dicom-attribute.js'
import { parseDataSet, type DicomDataSet, type ParseOptions } from './dicom-data-set.js'
import { readPlace, type FilePlace } from './file-place.js'
import type { FoundFile } from './walk-files.js'

/** The objects that plans are made of. */
export type DicomKind = 'ct' | 'structures' | 'plan' | 'dose'

/** An object that another one refers to. */
export interface DicomReference {
  /** Of a series for a structure set, else of an object. */
  readonly uid: string
  /** Images of the series. */
  readonly images: readonly string[]
}

/** What the header of a file says of where it belongs. Never leaves the process. */
export interface DicomHeader {
  readonly place: FilePlace
  readonly kind: DicomKind
  readonly uid: string
  readonly series: string
  /** Frame of reference: objects of one share their coordinates. */
  readonly frame: string | null
  /** Whatever tells the patient from others. */
  readonly patient: string
  /** Parts of the patient's name and numbers, which a path must not tell. */
  readonly identity: readonly string[]
  /** Series of a structure set, structure sets of a plan, plans of a dose. */
  readonly refersTo: readonly DicomReference[]
  /** What a dose counts: PLAN, BEAM, FRACTION, …; empty for other objects. */
  readonly summation: string
  /** Part of the body of a CT, in the words of this package. */
  readonly site: string | null
  /** Machine of a plan, as its department calls it. */
  readonly machine: string | null
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const sopInstance = attribute('0008,0018', 'SOP Instance UID')
const imageType = attribute('0008,0008', 'Image Type')
const patientName = attribute('0010,0010', 'Patient Name')
const patientId = attribute('0010,0020', 'Patient ID')
const patientIssuer = attribute('0010,0021', 'Issuer of Patient ID')
const birthDate = attribute('0010,0030', 'Patient Birth Date')
const bodyPart = attribute('0018,0015', 'Body Part Examined')
const study = attribute('0020,000D', 'Study Instance UID')
const series = attribute('0020,000E', 'Series Instance UID')
const frame = attribute('0020,0052', 'Frame of Reference UID')
const directory = attribute('0004,1220', 'Directory Record Sequence')
const frames = attribute('3006,0010', 'Referenced Frame of Reference Sequence')
const studies = attribute('3006,0012', 'RT Referenced Study Sequence')
const seriesList = attribute('3006,0014', 'RT Referenced Series Sequence')
const images = attribute('3006,0016', 'Contour Image Sequence')
const structureSets = attribute('300C,0060', 'Referenced Structure Set Sequence')
const plans = attribute('300C,0002', 'Referenced RT Plan Sequence')
const referencedInstance = attribute('0008,1155', 'Referenced SOP Instance UID')
const beamLists = [
  attribute('300A,00B0', 'Beam Sequence'),
  attribute('300A,03A2', 'Ion Beam Sequence'),
  attribute('300A,0206', 'Treatment Machine Sequence'),
]
const machineName = attribute('300A,00B2', 'Treatment Machine Name')
const summationType = attribute('3004,000A', 'Dose Summation Type')
/** ROI Contour Sequence: where the contours of a structure set begin. */
const contours = 'x30060039'

const kinds: Readonly<Record<string, DicomKind>> = {
  '1.2.840.10008.5.1.4.1.1.2': 'ct',
  '1.2.840.10008.5.1.4.1.1.2.1': 'ct',
  '1.2.840.10008.5.1.4.1.1.481.2': 'dose',
  '1.2.840.10008.5.1.4.1.1.481.3': 'structures',
  '1.2.840.10008.5.1.4.1.1.481.5': 'plan',
  '1.2.840.10008.5.1.4.1.1.481.8': 'plan',
}

/** Defined terms of the body part; anything else may be a remark on the patient. */
const sites: Readonly<Record<string, string>> = {
  ABDOMEN: 'abdomen',
  BRAIN: 'brain',
  BREAST: 'breast',
  CHEST: 'thorax',
  HEAD: 'head',
  HEADNECK: 'head and neck',
  LIVER: 'liver',
  LUNG: 'lung',
  NECK: 'neck',
  PELVIS: 'pelvis',
  PROSTATE: 'prostate',
  THORAX: 'thorax',
}

/** What may be stored as the part of the body. */
export const siteNames: readonly string[] = Object.values(sites)

/**
 * Reads who a file belongs to, of its start where that tells enough.
 *
 * @throws LshError `bad_input` for what is no part of a plan
 */
export async function readHeader({ place, start }: FoundFile): Promise<DicomHeader> {
  const first = await parseStart(place, start, { until: contours })
  if (first.elements[directory.key] !== undefined)
    refuseAttribute(first, directory)(
      'makes it a DICOMDIR, a list of other files',
      'Nothing to do: the files are found without it.',
    )
  const foundClass = required(readText(first, sopClass), first, sopClass)
  const kind = kinds[foundClass]
  if (kind === undefined)
    return refuseAttribute(first, sopClass)(
      'is none of CT, RT structure set, RT plan and RT dose',
      'Nothing to do: plans are made of these.',
    )
  if (kind === 'ct' && readText(first, imageType)?.split('\\')[2] === 'LOCALIZER')
    refuseAttribute(first, imageType)(
      'is that of a localizer',
      'Nothing to do: a plan has slices only.',
    )
  const whole = kind === 'ct' || kind === 'structures'
  const dataSet = whole ? first : await parseStart(place, start, {})
  const name = readText(dataSet, patientName)
  const id = readText(dataSet, patientId)
  const born = readText(dataSet, birthDate)
  const studyUid = required(readText(dataSet, study), dataSet, study)
  return {
    place,
    kind,
    uid: required(readText(dataSet, sopInstance), dataSet, sopInstance),
    series: required(readText(dataSet, series), dataSet, series),
    frame: readText(dataSet, frame),
    // Files without a number of their patient belong together if nothing speaks against it.
    patient: JSON.stringify(
      id !== null
        ? [id, readText(dataSet, patientIssuer)]
        : name !== null
          ? [name, born]
          : [studyUid],
    ),
    identity: [...(name ?? '').split(/[\^= ,]+/), id ?? '', born ?? ''].filter(
      (part) => part.length >= 3,
    ),
    refersTo: referencesOf(kind, dataSet),
    site: sites[readText(dataSet, bodyPart) ?? ''] ?? null,
    machine: kind === 'plan' ? machineOf(dataSet) : null,
    summation: (kind === 'dose' ? readText(dataSet, summationType) : null) ?? '',
  }
}

function machineOf(plan: DicomDataSet): string | null {
  const beams = beamLists.flatMap((list) => readItems(plan, list))
  return beams.map((beam) => readText(beam, machineName)).find((name) => name !== null) ?? null
}

/** Takes the start of a file apart, and more of it as long as that does not reach. */
async function parseStart(
  place: FilePlace,
  start: Uint8Array,
  options: ParseOptions,
): Promise<DicomDataSet> {
  for (let bytes = start; ; bytes = await readPlace(place, 8 * Math.max(bytes.length, 1 << 16))) {
    const partial = bytes.length < place.size
    const dataSet = await parseDataSet(bytes, place.name, { ...options, partial })
    if (dataSet !== null) return dataSet
  }
}

function referencesOf(kind: DicomKind, dataSet: DicomDataSet): DicomReference[] {
  const referenced = (set: DicomDataSet) => readText(set, referencedInstance)
  switch (kind) {
    case 'ct':
      return []
    case 'structures':
      return readItems(dataSet, frames)
        .flatMap((item) => readItems(item, studies))
        .flatMap((item) => readItems(item, seriesList))
        .flatMap((item) => {
          const uid = readText(item, series)
          return uid === null
            ? []
            : [{ uid, images: readItems(item, images).flatMap((one) => referenced(one) ?? []) }]
        })
    case 'plan':
    case 'dose':
      return readItems(dataSet, kind === 'plan' ? structureSets : plans).flatMap((item) => {
        const uid = referenced(item)
        return uid === null ? [] : [{ uid, images: [] }]
      })
  }
}
