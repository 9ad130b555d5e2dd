import type { Channel } from '../core/plan.js'
import { isImagePlane, needsOf } from '../encode/frames/frame.js'
import { isOnnx } from '../encode/onnx/onnx-encoder.js'
import {
  QUALITY_FIGURES,
  type ImageQuality,
  type ReconstructionQuality,
} from '../encode/trained/reconstruction-quality.js'
import type { Store } from '../store/connection/connect.js'
import { readEncoder } from '../store/spaces/encoders.js'
import { unseenSlices } from '../store/plans/held-out.js'
import { bootstrapMean, intervalOf } from './bootstrap.js'
import { decibels, qualityOf, type ImageErrors } from './image-quality.js'
import { measuredPlane, reconstructions } from './reconstructions.js'
import { spread } from './spread.js'

export interface MeasureEncoderOptions {
  dataset: string
  /** Called with the number of slices to measure, before the first one. (Default: none) */
  onStart?: (slices: number) => void
  /** Called after each slice. (Default: none) */
  onSlice?: () => void
  /** Stops between two slices. (Default: none) */
  signal?: AbortSignal
}

/** Most slices to measure, evenly spread over all; more would only change the third digit. */
const MOST_SLICES = 2000

/**
 * Reconstruction quality of an encoder, as `train`, `evaluate`, `reconstruct`, `report` and the list of encoders show
 * it. It is measured on all slices of the data set whose patients the encoder was not trained on, or on 2,000 of them,
 * evenly spread. Returns one quality per kind of image that the encoder sees, in its order; empty if there is no such
 * slice, and for ONNX models, which have no decoder.
 */
export async function measureEncoder(
  store: Store,
  encoder: string,
  options: MeasureEncoderOptions,
): Promise<ReconstructionQuality[]> {
  const { dataset, onStart, onSlice, signal } = options
  const trained = await readEncoder(store, encoder)
  if (isOnnx(trained)) return []
  const { preprocessing } = trained
  const needs = needsOf(preprocessing)
  const slices = spread(await unseenSlices(store, encoder, { dataset, needs }), MOST_SLICES)
  onStart?.(slices.length)
  const images = preprocessing.planes.filter(isImagePlane)
  const channels = [...new Set(images.map(({ channel }) => channel))]
  const measured = new Map<Channel, ImageErrors[]>(channels.map((channel) => [channel, []]))
  const items = slices.map(({ item }) => item)
  for await (const one of reconstructions(store, encoder, items)) {
    signal?.throwIfAborted()
    for (const [channel, errors] of measured) errors.push(measuredPlane(one, channel)!.errors)
    onSlice?.()
  }
  if (slices.length === 0) return []
  const patients = Int32Array.from(slices, ({ patient }) => patient)
  return [...measured].map(([channel, errors]) => ({
    channel,
    slices: slices.length,
    patients: new Set(patients).size,
    ...qualityOf(errors),
    intervals: intervalsOf(errors, patients),
  }))
}

const ERRORS: Readonly<Record<keyof ImageQuality, (one: ImageErrors) => number>> = {
  psnr_body_db: ({ body }) => body.mse,
  psnr_whole_db: ({ whole }) => whole.mse,
  ssim_body: ({ body }) => body.ssim,
  ssim_whole: ({ whole }) => whole.ssim,
}

/** Intervals of PSNR are computed on the mean squared error, of which it is a decreasing function. */
function intervalsOf(
  errors: readonly ImageErrors[],
  patients: Int32Array,
): ReconstructionQuality['intervals'] {
  const entries = QUALITY_FIGURES.map((figure) => {
    const interval = intervalOf(bootstrapMean(Float64Array.from(errors, ERRORS[figure]), patients))
    if (!interval || !figure.startsWith('psnr')) return [figure, interval] as const
    const [low, high] = interval
    return [figure, [decibels(high), decibels(low)]] as const
  })
  return Object.fromEntries(entries) as ReconstructionQuality['intervals']
}
