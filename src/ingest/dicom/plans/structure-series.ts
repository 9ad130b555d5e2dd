import { frameOfReference, type DicomHeader } from './header.js'
import type { Reason } from './dose-parts.js'

/** The CT on which a structure set was drawn. */
export interface DrawnCt {
  readonly images: readonly DicomHeader[]
  /** Frame of reference of the images. */
  readonly frame: string | null
  readonly how: string
  readonly remarks: readonly string[]
}

export interface SeriesIndex {
  /** CT images by their series. */
  readonly series: ReadonlyMap<string, readonly DicomHeader[]>
  /** All objects by their UIDs. */
  readonly byUid: ReadonlyMap<string, DicomHeader>
  /** Refuses objects without a reference. */
  readonly strict: boolean
}

const exportSeries = 'Export the whole CT series that the structures were drawn on.'

/** How reasons name a structure set and its CT: as parts of a plan, or on their own. */
const subjects = {
  plan: { set: 'is a plan whose structure set', ct: 'is a plan whose CT' },
  structures: { set: 'is a structure set that', ct: 'is a structure set whose CT' },
} as const

/** The CT series of a structure set: the one it references, else the only one in its frame of reference. */
export function ctOf(
  structures: DicomHeader,
  index: SeriesIndex,
  of: keyof typeof subjects,
): DrawnCt | Reason {
  const subject = subjects[of]
  const named = namedSeries(structures, index)
  if (named.length > 1)
    return {
      reason: `${subject.set} refers to several CT series: (3006,0014) RT Referenced Series Sequence`,
      hint: 'Export the structures of each CT series separately.',
    }
  const [reference] = named
  if (reference !== undefined) {
    // A structure set may reference localizers, which are not slices.
    const absent = reference.images.filter((uid) => !index.byUid.has(uid)).length
    if (absent > 0)
      return {
        reason: `${subject.ct} is incomplete: ${absent} of ${reference.images.length} images that ${of === 'plan' ? 'its structure set' : 'it'} refers to are missing: (3006,0016) Contour Image Sequence`,
        hint: exportSeries,
      }
    return inFrame(structures, subject, index.series.get(reference.uid) ?? [], {
      how: 'the CT series that the structure set names',
      remarks: [],
    })
  }
  const near = [...index.series.values()].filter(
    ([first]) =>
      first?.patient.key === structures.patient.key &&
      framesOf(structures).some((frame) => frame === first.frame),
  )
  if (near.length !== 1 || index.strict)
    return {
      reason:
        near.length === 0
          ? `${subject.ct} series is not among the files: (3006,0014) RT Referenced Series Sequence`
          : `${subject.set} names no CT series: (3006,0014) RT Referenced Series Sequence` +
            (near.length > 1 ? '; several share its frame of reference' : ''),
      hint: exportSeries,
    }
  return inFrame(structures, subject, near[0] as readonly DicomHeader[], {
    how: 'the only CT series in the frame of reference of the structure set',
    remarks: [
      'the structure set names no CT series; the only series in its frame of reference is used',
    ],
  })
}

/** The available series among those that a structure set references, by series UID or by the UIDs of their images. */
function namedSeries({ refersTo }: DicomHeader, { series, byUid }: SeriesIndex) {
  const named = refersTo.filter(({ uid }) => series.has(uid))
  if (named.length > 0) return named
  const images = refersTo.flatMap((reference) => reference.images)
  const found = new Set(
    images.flatMap((uid) => {
      const header = byUid.get(uid)
      return header?.kind === 'ct' ? [header.series] : []
    }),
  )
  return [...found].map((uid) => ({ uid, images }))
}

function inFrame(
  structures: DicomHeader,
  subject: (typeof subjects)[keyof typeof subjects],
  images: readonly DicomHeader[],
  found: Pick<DrawnCt, 'how' | 'remarks'>,
): DrawnCt | Reason {
  const frames = new Set(images.flatMap(({ frame }) => frame ?? []))
  const [frame = null] = frames
  const drawn = framesOf(structures)
  if (frames.size > 1)
    return {
      reason: `${subject.ct} series has images in ${frames.size} frames of reference: ${frameOfReference.label}`,
      hint: exportSeries,
    }
  if (frame !== null && drawn.length > 0 && !drawn.includes(frame))
    return {
      reason: `${subject.set} is drawn in another frame of reference than its CT: ${frameOfReference.label}`,
      hint: 'Export the structures as they lie on this CT.',
    }
  return { images, frame, ...found }
}

function framesOf({ frames, frame }: DicomHeader): readonly string[] {
  return frames.length > 0 ? frames : frame === null ? [] : [frame]
}
