import { qualityOf } from '../../compare/image-quality.js'
import type { ReconstructedPlane, Reconstruction } from '../../compare/reconstructions.js'
import { frameBox, type Plane } from '../../encode/frames/frame.js'
import type { ImageQuality } from '../../encode/trained/reconstruction-quality.js'
import { uncrop } from '../../encode/frames/uncrop.js'
import { psnrText, ssimText } from '../../report/figures/quality-text.js'
import { isodoseLabel, ISODOSE_LEVELS } from '../../report/panels/isodose.js'
import type { ReconstructionFigure } from '../../report/figures/reconstruction.js'
import type { Surface, TurningVolumes } from '../../report/panels/turning-volume.js'
import type { ChosenPlan } from '../../store/plans/held-out.js'

/**
 * HU at which bone begins, below that of cortical bone because frames blur it; and of the skin, between air and fat.
 */
const BONE_HU = 200
const SKIN_HU = -500

/** Rows and columns of a volume whose frames only show the body, at a different place in each slice. */
const PUT_BACK_SIZE = 96

/** What a plane shows: `ct -1000 to 1500 HU`. */
export function planeName({ channel, low, unit, ...plane }: Plane): string {
  return `${channel} ${low} to ${highest({ low, ...plane })} ${unit}`
}

function highest({ low, high, ceiling }: Pick<Plane, 'low' | 'high' | 'ceiling'>): number {
  return low + ceiling * (high - low)
}

/** One plane of slices, as the encoder sees it. */
export function slicesFigure(
  encoder: string,
  slices: readonly Reconstruction[],
  p: number,
): ReconstructionFigure {
  const [first] = slices as [Reconstruction]
  const { plane } = planeOf(first, p)
  const { channel, unit, low, high, ceiling } = plane
  return {
    encoder,
    channel,
    unit,
    size: first.preprocessing.size,
    low,
    high: Math.min(high, highest({ low, high, ceiling })),
    slices: slices.map((one) => {
      const { input, output, errors } = planeOf(one, p)
      const { plan, sliceIndex } = one.slice
      const values = { input: valuesOf(input, plane), output: valuesOf(output, plane) }
      return { plan, sliceIndex, ...values, quality: qualityOf([errors]) }
    }),
    summary: summaryOf(slices, p),
  }
}

/** One plane of the slices of a plan, stacked. */
export function volumeFigure(
  encoder: string,
  plan: ChosenPlan,
  slices: readonly Reconstruction[],
  p: number,
): TurningVolumes {
  const [first] = slices as [Reconstruction]
  const { plane } = planeOf(first, p)
  const { crop, size: frameSize } = first.preprocessing
  const size = crop === 'raster' ? frameSize : PUT_BACK_SIZE
  const { rows, columns } = first.slice.image
  const stacked = (of: (one: ReconstructedPlane) => Float32Array) => {
    const values = new Float32Array(slices.length * size ** 2)
    slices.forEach((one, i) => {
      const frame = placed(one, of(planeOf(one, p)), size)
      values.set(valuesOf(frame, plane), i * size ** 2)
    })
    return values
  }
  const [low, high] = [plane.low, highest(plane)]
  const surfaces = plane.channel === 'ct' ? CT_SURFACES : doseSurfaces(plan.prescriptionGy)
  const [rowMm, columnMm, sliceMm] = plan.voxelMm
  return {
    title: `Plan ${plan.key}: ${plane.channel === 'ct' ? 'CT' : 'dose'} and its reconstruction by ${encoder}`,
    caption: `Frames of ${frameSize} × ${frameSize} pixels, each encoded and decoded separately. ${summaryOf(slices, p)}`,
    columns: size,
    rows: size,
    slices: slices.length,
    voxelMm: [(columns * columnMm) / size, (rows * rowMm) / size, sliceMm],
    low,
    high,
    volumes: [
      { label: 'input', values: stacked(({ input }) => input) },
      { label: 'output', values: stacked(({ output }) => output) },
    ],
    surfaces: surfaces.filter(({ value }) => value > low && value < high),
  }
}

/** A frame at its place in the slice. */
function placed({ slice, preprocessing }: Reconstruction, frame: Float32Array, size: number) {
  if (preprocessing.crop === 'raster') return frame
  const { rows, columns } = slice.image
  return uncrop(frame, { rows, columns, box: frameBox(slice.image, preprocessing), size })
}

function planeOf({ planes }: Reconstruction, p: number): ReconstructedPlane {
  return planes[p] as ReconstructedPlane
}

/** The quality of one plane over several slices. */
export function togetherOf(slices: readonly Reconstruction[], p: number): ImageQuality {
  return qualityOf(slices.map((one) => planeOf(one, p).errors))
}

function summaryOf(slices: readonly Reconstruction[], p: number): string {
  const quality = togetherOf(slices, p)
  return `These ${slices.length} slices together: ${psnrText(quality)}; ${ssimText(quality)}.`
}

/** Numbers of a frame as HU or Gy. */
function valuesOf(frame: Float32Array, { low, high }: Plane): Float32Array {
  return frame.map((share) => low + share * (high - low))
}

const CT_SURFACES: readonly Surface[] = [
  { value: SKIN_HU, label: `skin (−${-SKIN_HU} HU)`, colour: '#c08a6a', opacity: 0.25 },
  { value: BONE_HU, label: `bone (${BONE_HU} HU)`, colour: '#f2ead8', opacity: 1 },
]

/** Isodose surfaces by which a plan is judged: half the prescribed dose, and the limit of coverage. */
function doseSurfaces(prescriptionGy: number | null): Surface[] {
  if (prescriptionGy === null) return []
  return ISODOSE_LEVELS.filter(({ percent }) => percent === 50 || percent === 95).map((level) => ({
    value: (level.percent / 100) * prescriptionGy,
    label: isodoseLabel(level, [prescriptionGy]),
    colour: level.color,
    opacity: level.percent === 50 ? 0.4 : 1,
  }))
}
