import { qualityOf } from '../../compare/image-quality.js'
import { reconstructions, type Reconstruction } from '../../compare/reconstructions.js'
import { LshError } from '../../core/errors.js'
import { isImagePlane, needsOf } from '../../encode/frames/frame.js'
import type {
  ImageQuality,
  ReconstructionQuality,
} from '../../encode/trained/reconstruction-quality.js'
import { reconstructionText } from '../../report/figures/quality-text.js'
import type { ReconstructionPage } from '../../report/pages/reconstruction-page.js'
import type { Store } from '../../store/connection/connect.js'
import { listEncoders, type EncoderSummary } from '../../store/spaces/encoder-list.js'
import { choosePlan, heldOutSlices } from '../../store/plans/held-out.js'
import { readSpace } from '../../store/spaces/read-space.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'
import { measure } from './measure.js'
import { planeName, slicesFigure, togetherOf, volumeFigure } from './reconstruction-figures.js'

export interface ReconstructOptions {
  /** Data set of slices and plan. (Default: that of the encoder) */
  dataset?: string
  /** Key of the plan. (Default: chosen by seed among held-out plans) */
  plan?: string
  /** Number of slices to draw. */
  slices: number
  seed: number
}

/** Path of the page, and its figures. */
export interface Reconstructed {
  readonly page: ReconstructionPage
  /** Quality of the encoder on all held-out slices, for each kind of image that it sees. */
  readonly quality: readonly ReconstructionQuality[]
  /** One for each plane of each slice. */
  readonly slices: readonly SliceQuality[]
  /** One for each plane of the volume. */
  readonly volume: readonly VolumeQuality[]
}

interface SliceQuality extends ImageQuality {
  readonly item: number
  readonly plan: string
  readonly slice: number
  readonly plane: string
}

interface VolumeQuality extends ImageQuality {
  readonly plan: string
  /** Whether the encoder was trained on its patient. */
  readonly seen: boolean
  readonly slices: number
  readonly plane: string
}

/** Share of the prescription that slices of a dose must reach, because slices without dose would show nothing. */
const LEAST_DOSE = 0.1

/** Reconstructs slices and one volume with the encoder of a space. */
export async function reconstruct(
  context: Context,
  store: Store,
  space: string,
  options: ReconstructOptions,
): Promise<Reconstructed> {
  const { output, signal } = context
  const encoder = await encoderOf(store, space)
  const { name, preprocessing } = encoder
  const { dataset = encoder.dataset, plan: key, slices: count, seed } = options
  const needs = needsOf(preprocessing)
  const images = preprocessing.planes.filter(isImagePlane)
  const leastDose = needs.dose ? LEAST_DOSE : 0
  const items = await heldOutSlices(store, name, { dataset, count, seed, needs, leastDose })
  const named = key === undefined ? {} : { key }
  const plan = await choosePlan(store, name, { dataset, seed, needs, ...named })
  const quality = await measure(context, store, name, dataset)
  const progress = startProgress(output, `reconstruct ${space}`, items.length + plan.items.length)
  const collect = async (chosen: readonly number[]) => {
    const found: Reconstruction[] = []
    for await (const one of reconstructions(store, name, chosen)) {
      signal.throwIfAborted()
      found.push(one)
      progress.advance(1)
    }
    return found
  }
  try {
    const [slices, volume] = [await collect(items), await collect(plan.items)]
    return {
      page: {
        title: `Reconstructions by ${name}`,
        lead: lead(encoder, dataset, seed, quality),
        notice: plan.seen
          ? `The encoder was trained on the patient of plan ${plan.key}: its volume shows nothing about other patients.`
          : null,
        slices: images.map((_, p) => slicesFigure(name, slices, p)),
        volumes: images.map((_, p) => volumeFigure(name, plan, volume, p)),
      },
      quality,
      slices: slices.flatMap(qualitiesOf),
      volume: images.map((plane, p) => ({
        plan: plan.key,
        seen: plan.seen,
        slices: volume.length,
        plane: planeName(plane),
        ...togetherOf(volume, p),
      })),
    }
  } finally {
    progress.finish()
  }
}

async function encoderOf(store: Store, space: string): Promise<EncoderSummary> {
  const { parts } = await readSpace(store, space)
  if (!parts) {
    const encoders = await listEncoders(store)
    return encoders.find((encoder) => encoder.name === space) as EncoderSummary
  }
  throw new LshError('bad_usage', `space "${space}" joins others and has no encoder of its own`, {
    hint: `Reconstruct one of its parts: ${parts.map((part) => part.space).join(', ')}.`,
  })
}

function lead(
  encoder: EncoderSummary,
  dataset: string,
  seed: number,
  quality: readonly ReconstructionQuality[],
): string {
  const { name, architecture, dims, patients, checksum } = encoder
  return (
    `Encoder ${name} (${architecture}) represents a slice by ${dims} numbers. It was trained on ${patients} patients of ` +
    `data set ${encoder.dataset}; unless noted, this page shows other patients of ${dataset}, chosen by seed ${seed}. ` +
    `Checksum ${checksum.slice(0, 12)}. ${quality.map(reconstructionText).join(' ')}`
  )
}

function qualitiesOf({ slice, planes }: Reconstruction): SliceQuality[] {
  return planes.map(({ plane, errors }) => ({
    item: slice.item,
    plan: slice.plan,
    slice: slice.sliceIndex,
    plane: planeName(plane),
    ...qualityOf([errors]),
  }))
}
