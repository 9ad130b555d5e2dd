import { reconstructions, type Reconstruction } from '../../compare/reconstructions.js'
import { LshError } from '../../core/errors.js'
import type { Preprocessing } from '../../encode/frame.js'
import { fixed } from '../../report/format.js'
import { isodoseLabel, ISODOSE_LEVELS } from '../../report/isodose.js'
import type { ReconstructionFigure } from '../../report/reconstruction.js'
import type { ReconstructionPage } from '../../report/reconstruction-page.js'
import type { Surface, TurningVolumes } from '../../report/turning-volume.js'
import type { Store } from '../../store/connect.js'
import { listEncoders, type EncoderSummary } from '../../store/encoder-list.js'
import { choosePlan, heldOutSlices, type ChosenPlan } from '../../store/held-out.js'
import { readSpace } from '../../store/spaces.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

export interface ReconstructOptions {
  /** Data set of slices and plan. (Default: that of the encoder) */
  dataset?: string
  /** Key of the plan. (Default: chosen by seed among those not trained on) */
  plan?: string
  /** Slices that are drawn. */
  slices: number
  seed: number
}

/** What was reconstructed: the page, and its figures for a program. */
export interface Reconstructed {
  readonly page: ReconstructionPage
  readonly slices: readonly Quality[]
  readonly plan: { key: string; seen: boolean; slices: number; psnrDb: number; ssim: number }
}

interface Quality {
  readonly item: number
  readonly plan: string
  readonly slice: number
  readonly psnrDb: number
  readonly ssim: number
}

/** HU at which bone begins, below that of cortical bone, as frames blur it; and the skin, between air and fat. */
const BONE_HU = 200
const SKIN_HU = -500

/** Share of the prescription that the slices of a dose get at least: nothing comes back as nothing, which shows nothing. */
const LEAST_DOSE = 0.1

/** Reconstructs slices and one volume by the encoder of a space. */
export async function reconstruct(
  { output, signal }: Context,
  store: Store,
  space: string,
  options: ReconstructOptions,
): Promise<Reconstructed> {
  const encoder = await encoderOf(store, space)
  const { dataset = encoder.dataset, plan: key, slices: count, seed } = options
  const leastDose = encoder.preprocessing.channel === 'dose' ? LEAST_DOSE : 0
  const items = await heldOutSlices(store, encoder.name, { dataset, count, seed, leastDose })
  const plan = await choosePlan(store, encoder.name, {
    dataset,
    seed,
    ...(key === undefined ? {} : { key }),
  })
  const progress = startProgress(output, `reconstruct ${space}`, items.length + plan.items.length)
  const collect = async (chosen: readonly number[]) => {
    const found: Reconstruction[] = []
    for await (const one of reconstructions(store, encoder.name, chosen)) {
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
        title: `Reconstructions by ${encoder.name}`,
        lead: lead(encoder, dataset, seed),
        notice: plan.seen
          ? `The encoder was trained on the patient of plan ${plan.key}: its volume says nothing about other patients.`
          : null,
        slices: slicesFigure(encoder, slices),
        volume: volumeFigure(encoder, plan, volume),
      },
      slices: slices.map(qualityOf),
      plan: { key: plan.key, seen: plan.seen, slices: volume.length, ...togetherOf(volume) },
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

function lead(encoder: EncoderSummary, dataset: string, seed: number): string {
  const { name, architecture, dims, patients, checksum } = encoder
  return (
    `Encoder ${name} (${architecture}) keeps ${dims} numbers of a slice. It was trained on ${patients} patients of ` +
    `data set ${encoder.dataset}; all that is shown, unless noted, are other patients of ${dataset}, chosen by seed ${seed}. ` +
    `Checksum ${checksum.slice(0, 12)}.`
  )
}

function qualityOf({ slice, psnr, ssim }: Reconstruction): Quality {
  return { item: slice.item, plan: slice.plan, slice: slice.sliceIndex, psnrDb: psnr, ssim }
}

/** PSNR of all pixels together, as slices without dose have none that means anything, and the mean SSIM. */
function togetherOf(all: readonly Reconstruction[]): { psnrDb: number; ssim: number } {
  const mean = (of: (one: Reconstruction) => number) =>
    all.reduce((sum, one) => sum + of(one), 0) / all.length
  return {
    psnrDb: -10 * Math.log10(mean(({ psnr }) => 10 ** (-psnr / 10))),
    ssim: mean(({ ssim }) => ssim),
  }
}

function summaryOf(all: readonly Reconstruction[]): string {
  const { psnrDb, ssim } = togetherOf(all)
  return `These ${all.length} slices together: PSNR ${fixed(psnrDb, 1)} dB, mean SSIM ${fixed(ssim, 3)}.`
}

/** Numbers of a frame as HU or Gy. */
function valuesOf(frame: Float32Array, { low, high }: Preprocessing): Float32Array {
  return frame.map((share) => low + share * (high - low))
}

function slicesFigure(
  { name, preprocessing }: EncoderSummary,
  slices: readonly Reconstruction[],
): ReconstructionFigure {
  const { channel, unit, size, low, high } = preprocessing
  return {
    encoder: name,
    channel,
    unit,
    size,
    low,
    high,
    slices: slices.map(({ slice, input, output, psnr, ssim }) => ({
      plan: slice.plan,
      sliceIndex: slice.sliceIndex,
      input: valuesOf(input, preprocessing),
      output: valuesOf(output, preprocessing),
      psnr,
      ssim,
    })),
    summary: summaryOf(slices),
  }
}

function volumeFigure(
  { name, preprocessing }: EncoderSummary,
  plan: ChosenPlan,
  slices: readonly Reconstruction[],
): TurningVolumes {
  const { channel, size, low, high, ceiling, unit } = preprocessing
  const [first] = slices as [Reconstruction]
  const { rows, columns } = first.slice.image
  const stacked = (of: (one: Reconstruction) => Float32Array) => {
    const values = new Float32Array(slices.length * size ** 2)
    slices.forEach((one, i) => values.set(valuesOf(of(one), preprocessing), i * size ** 2))
    return values
  }
  const [rowMm, columnMm, sliceMm] = plan.voxelMm
  return {
    title: `Plan ${plan.key}: ${channel === 'ct' ? 'CT' : 'dose'} and what ${name} makes of it`,
    caption: `${slices.length} slices of ${size} × ${size} pixels, each encoded and decoded for itself. ${summaryOf(slices)}`,
    columns: size,
    rows: size,
    slices: slices.length,
    voxelMm: [(columns * columnMm) / size, (rows * rowMm) / size, sliceMm],
    low,
    high: low + ceiling * (high - low),
    volumes: [
      { label: 'input', values: stacked(({ input }) => input) },
      { label: 'output', values: stacked((one) => one.output) },
    ],
    surfaces: unit === 'HU' ? CT_SURFACES : doseSurfaces(plan.prescriptionGy),
  }
}

const CT_SURFACES: readonly Surface[] = [
  { value: SKIN_HU, label: `skin (−${-SKIN_HU} HU)`, colour: '#c08a6a', opacity: 0.25 },
  { value: BONE_HU, label: `bone (${BONE_HU} HU)`, colour: '#f2ead8', opacity: 1 },
]

/** What a plan is judged by, in the colours of its isodose lines: half the prescribed dose, and what counts as covered. */
function doseSurfaces(prescriptionGy: number): Surface[] {
  return ISODOSE_LEVELS.filter(({ percent }) => percent === 50 || percent === 95).map((level) => ({
    value: (level.percent / 100) * prescriptionGy,
    label: isodoseLabel(level, [prescriptionGy]),
    colour: level.color,
    opacity: level.percent === 50 ? 0.4 : 1,
  }))
}
