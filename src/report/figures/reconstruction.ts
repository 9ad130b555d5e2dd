import type { ImagePlane } from '../../encode/frames/frame.js'
import type { ImageQuality } from '../../encode/trained/reconstruction-quality.js'
import type { Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { coordinate, plain } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { psnrText, qualityGuide, ssimText } from './quality-text.js'
import { colourStops, frameDataUri, type Colours } from '../panels/reconstruction-picture.js'

/** A slice as an encoder sees it, and the output of its decoder. */
export interface ReconstructedSlice {
  readonly plan: string
  readonly sliceIndex: number
  /** `size * size` numbers, row by row, in HU or Gy. */
  readonly input: Float32Array
  readonly output: Float32Array
  /** Quality over the whole slice and inside the body, not of the frame that is drawn. */
  readonly quality: ImageQuality
}

/** Reconstructions by one encoder. */
export interface ReconstructionFigure {
  readonly encoder: string
  readonly channel: ImagePlane['channel']
  readonly unit: ImagePlane['unit']
  /** Rows and columns of the frames. */
  readonly size: number
  /** Values of the darkest and brightest pixels. */
  readonly low: number
  readonly high: number
  readonly slices: readonly ReconstructedSlice[]
  /** Text of the caption about the means over more slices. */
  readonly summary: string
}

const PICTURE = 230
const GAP = 16
const TOP = 34
const LINE = 16
const BAR = 18

/** Input, output and error map of each slice, with a colour scale. */
export function figureReconstruction(figure: ReconstructionFigure): Figure {
  const { encoder, channel, unit, size, slices, summary } = figure
  const most = roundedUp(Math.max(...slices.flatMap((slice) => errorsOf(slice).map(Math.abs))))
  return {
    name: `reconstruction-${encoder}`,
    title: `Reconstructions of ${channel === 'ct' ? 'CT' : 'dose'} by ${encoder}`,
    caption: markup`Slices of held-out patients, chosen by seed: the input of the encoder
(${size} × ${size} pixels), the reconstruction from the features alone, and output minus input. ${summary}
${qualityGuide(size)} The error maps of a figure share one scale; pale means no error.`,
    drawing: drawSlices(figure, most),
    rows: slices.map((slice) => {
      const errors = errorsOf(slice)
      return {
        encoder,
        plan: slice.plan,
        slice: slice.sliceIndex,
        ...slice.quality,
        mean_absolute_error: errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length,
        largest_error: Math.max(...errors.map(Math.abs)),
        unit,
      }
    }),
  }
}

function errorsOf({ input, output }: ReconstructedSlice): number[] {
  return Array.from(output, (value, i) => value - (input[i] as number))
}

function drawSlices(figure: ReconstructionFigure, most: number): Drawing {
  const { channel, unit, size, low, high, slices } = figure
  const values: Colours = { scheme: channel === 'ct' ? 'greys' : 'viridis', low, high }
  const errors: Colours = { scheme: 'puor', low: -most, high: most }
  const step = PICTURE + 2 * LINE + GAP
  const width = 3 * (PICTURE + GAP) + 2 * 82
  const height = TOP + slices.length * step
  const columns = ['input', 'output', 'output minus input'].map(
    (name, i) => markup`<text x="${i * (PICTURE + GAP)}" y="24" font-weight="600">${name}</text>`,
  )
  const rows = slices.map((slice, row) => {
    const y = TOP + row * step
    const pictures = [
      frameDataUri(slice.input, size, values),
      frameDataUri(slice.output, size, values),
      frameDataUri(errorsOf(slice), size, errors),
    ].map(
      (
        uri,
        i,
      ) => markup`<image x="${i * (PICTURE + GAP)}" y="${y}" width="${PICTURE}" height="${PICTURE}"
preserveAspectRatio="none" style="image-rendering: pixelated" href="${uri}"/>`,
    )
    return markup`${pictures}
<text x="0" y="${y + PICTURE + LINE}">${slice.plan}, slice ${slice.sliceIndex}</text>
<text x="${PICTURE + GAP}" y="${y + PICTURE + LINE}">${psnrText(slice.quality)}</text>
<text x="${PICTURE + GAP}" y="${y + PICTURE + 2 * LINE}">${ssimText(slice.quality)}</text>`
  })
  const x = 3 * (PICTURE + GAP)
  return {
    width,
    height,
    svg: markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"
aria-label="Input, output and error of ${slices.length} slices" font-family="system-ui, sans-serif" font-size="12" fill="var(--ink)">
${columns}
${rows}
${drawScale(values, { x, y: TOP, label: unit })}
${drawScale(errors, { x: x + 82, y: TOP, label: `error, ${unit}` })}
</svg>`.markup,
  }
}

/** A colour scale with its values, as high as a picture. */
function drawScale(
  { scheme, low, high }: Colours,
  { x, y, label }: { x: number; y: number; label: string },
): Markup {
  const count = 48
  const cell = PICTURE / count
  const cells = colourStops(scheme, count).map(
    (
      colour,
      i,
    ) => markup`<rect x="${x}" y="${coordinate(y + PICTURE - (i + 1) * cell)}" width="${BAR}"
height="${coordinate(cell + 0.5)}" fill="${colour}"/>`,
  )
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const text = plain(low + share * (high - low)).replace('-', '−')
    return markup`<text x="${x + BAR + 5}" y="${coordinate(y + PICTURE * (1 - share) + 4)}">${text}</text>`
  })
  return markup`<g>${cells}
${marks}
<rect x="${x}" y="${y}" width="${BAR}" height="${PICTURE}" fill="none" stroke="var(--rule)"/>
<text x="${x}" y="${y - 20}">${label}</text></g>`
}

/** Rounded up to two significant digits. */
function roundedUp(value: number): number {
  if (!(value > 0)) return 1
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
