import {
  attribute,
  readItems,
  readText,
  refuseAttribute,
  required,
  type Attribute,
} from '../elements/attribute.js'
import { parseDataSet, type DicomDataSet, type ParseOptions } from '../elements/data-set.js'
import { readPatient, type DicomPatient } from './patient.js'
import {
  readDoseHeader,
  readPlanHeader,
  type DoseHeader,
  type PlanHeader,
} from '../objects/plan-header.js'
import { readRegistration, type Registration } from '../objects/registration.js'
import { readPlace, type FilePlace } from '../../files/file-place.js'
import type { FoundFile } from '../../files/walk-files.js'

/** Kinds of objects that make up plans or describe them. */
export type DicomKind = 'ct' | 'structures' | 'plan' | 'dose' | 'localizer' | 'registration'

/** A reference to another object. */
export interface DicomReference {
  /** UID of a series in a structure set, else of an object. */
  readonly uid: string
  /** Images of the series. */
  readonly images: readonly string[]
}

/** Header of a file, from which plans are joined. It never leaves the process. */
export interface DicomHeader {
  readonly place: FilePlace
  readonly kind: DicomKind
  readonly uid: string
  readonly study: string
  readonly series: string
  /** Frame of reference: objects with the same one share their coordinates. */
  readonly frame: string | null
  readonly patient: DicomPatient
  /** Series of a structure set, structure sets of a plan, plans of a dose. */
  readonly refersTo: readonly DicomReference[]
  /** Frames of reference of a structure set's regions. */
  readonly frames: readonly string[]
  /** For a dose, a plan or a registration; `null` for other objects. */
  readonly dose: DoseHeader | null
  readonly plan: PlanHeader | null
  readonly registration: Registration | null
  /** Part of the body of a CT, as one of `siteNames`. */
  readonly site: string | null
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const sopInstance = attribute('0008,0018', 'SOP Instance UID')
const imageType = attribute('0008,0008', 'Image Type')
const bodyPart = attribute('0018,0015', 'Body Part Examined')
const study = attribute('0020,000D', 'Study Instance UID')
const series = attribute('0020,000E', 'Series Instance UID')
export const frameOfReference = attribute('0020,0052', 'Frame of Reference UID')
const directory = attribute('0004,1220', 'Directory Record Sequence')
const frames = attribute('3006,0010', 'Referenced Frame of Reference Sequence')
const studies = attribute('3006,0012', 'RT Referenced Study Sequence')
const seriesList = attribute('3006,0014', 'RT Referenced Series Sequence')
const images = attribute('3006,0016', 'Contour Image Sequence')
const structureSets = attribute('300C,0060', 'Referenced Structure Set Sequence')
const referencedInstance = attribute('0008,1155', 'Referenced SOP Instance UID')
/** ROI Contour Sequence: the start of the contours of a structure set. */
const contours = 'x30060039'

const kinds: Readonly<Record<string, DicomKind>> = {
  '1.2.840.10008.5.1.4.1.1.2': 'ct',
  '1.2.840.10008.5.1.4.1.1.2.1': 'ct',
  '1.2.840.10008.5.1.4.1.1.66.1': 'registration',
  '1.2.840.10008.5.1.4.1.1.481.2': 'dose',
  '1.2.840.10008.5.1.4.1.1.481.3': 'structures',
  '1.2.840.10008.5.1.4.1.1.481.5': 'plan',
  '1.2.840.10008.5.1.4.1.1.481.8': 'plan',
}

/** Defined terms of the body part; any other text may be a remark about the patient. */
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

/** Parts of the body that may be stored. */
export const siteNames: readonly string[] = Object.values(sites)

/**
 * Reads the header of a file, from its start if that is sufficient.
 *
 * @throws LshError `bad_input` if the file is not part of a plan
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
      'is not a CT, RT structure set, RT plan or RT dose',
      'Nothing to do: a plan consists of these objects.',
    )
  const whole = kind === 'ct' || kind === 'structures'
  const dataSet = whole ? first : await parseStart(place, start, {})
  const localizer = kind === 'ct' && isLocalizer(first)
  const known = (which: Attribute): string => {
    const value = readText(dataSet, which)
    return localizer ? (value ?? '') : required(value, dataSet, which)
  }
  const studyUid = known(study)
  const dose = kind === 'dose' ? readDoseHeader(dataSet) : null
  return {
    place,
    kind: localizer ? 'localizer' : kind,
    uid: required(readText(dataSet, sopInstance), dataSet, sopInstance),
    study: studyUid,
    series: known(series),
    frame: readText(dataSet, frameOfReference),
    patient: readPatient(dataSet, studyUid),
    refersTo: kind === 'structures' ? seriesOf(dataSet) : objectsOf(kind, dataSet, dose),
    frames: kind === 'structures' ? framesOf(dataSet) : [],
    dose,
    plan: kind === 'plan' ? readPlanHeader(dataSet) : null,
    registration: kind === 'registration' ? readRegistration(dataSet) : null,
    site: sites[readText(dataSet, bodyPart) ?? ''] ?? null,
  }
}

function isLocalizer(image: DicomDataSet): boolean {
  return readText(image, imageType)?.split('\\')[2] === 'LOCALIZER'
}

/** Parses the start of a file, and more of it while that is not sufficient. */
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

function framesOf(structures: DicomDataSet): string[] {
  return readItems(structures, frames).flatMap((item) => readText(item, frameOfReference) ?? [])
}

function seriesOf(structures: DicomDataSet): DicomReference[] {
  return readItems(structures, frames)
    .flatMap((item) => readItems(item, studies))
    .flatMap((item) => readItems(item, seriesList))
    .flatMap((item) => {
      const uid = readText(item, series)
      if (uid === null) return []
      const referenced = readItems(item, images).flatMap(
        (one) => readText(one, referencedInstance) ?? [],
      )
      return [{ uid, images: referenced }]
    })
}

/** Structure sets of a plan, plans of a dose. */
function objectsOf(kind: DicomKind, dataSet: DicomDataSet, dose: DoseHeader | null) {
  const uids =
    kind === 'plan'
      ? readItems(dataSet, structureSets).flatMap(
          (item) => readText(item, referencedInstance) ?? [],
        )
      : (dose?.of.map(({ plan }) => plan) ?? [])
  return uids.map((uid): DicomReference => ({ uid, images: [] }))
}
