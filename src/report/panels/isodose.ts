import { contours } from 'd3-contour'
import { LshError } from '../../core/errors.js'
import type { SliceImage } from '../../core/plan.js'
import { coordinate, fixed, plain } from '../drawing/format.js'

/** One isodose line of a picture, and its style. Lengths are in units of line width. */
export interface IsodoseLevel {
  /** Percent of the prescribed dose. */
  readonly percent: number
  readonly color: string
  /** Dashes and gaps; empty for a solid line. */
  readonly dashes: readonly number[]
  readonly width: number
}

/**
 * From the low-dose bath to hot spots: 30, 50, 70 %, then the levels by which plans are judged: 90 %, 95 % (the limit
 * of coverage, a solid and heavy line), 100 %, 107 % (the limit of hot spots, ICRU 50). Colours are after Okabe and
 * Ito, brightened for a dark background; colour-blind readers can distinguish neighbouring levels, which also differ in
 * line style.
 */
export const ISODOSE_LEVELS: readonly IsodoseLevel[] = [
  { percent: 30, color: '#7590ff', dashes: [1.5, 1.8], width: 1 },
  { percent: 50, color: '#9fe3ff', dashes: [], width: 0.8 },
  { percent: 70, color: '#0fb883', dashes: [4.5, 2.4], width: 1 },
  { percent: 90, color: '#fff266', dashes: [1.5, 1.8], width: 1 },
  { percent: 95, color: '#f0a30a', dashes: [], width: 1.4 },
  { percent: 100, color: '#e64a00', dashes: [4.5, 2.4], width: 1 },
  { percent: 107, color: '#ff6fc8', dashes: [6, 1.8, 1.2, 1.8], width: 1 },
]

/** A closed line of `[column, row]` points; the first point is repeated at the end. */
export type Ring = readonly (readonly [number, number])[]

/** Closed lines of equal dose: outlines and holes. */
export interface Isodose {
  readonly level: IsodoseLevel
  readonly gy: number
  readonly rings: readonly Ring[]
}

/**
 * The isodose lines of a slice, for the levels that it reaches; empty without dose or prescription. Points are in
 * pixels: the first pixel covers 0 to 1, and its value is at its centre, 0.5. This is the convention of d3-contour, and
 * of a picture drawn from 0 to `columns`.
 */
export function isodoses(
  image: SliceImage,
  prescriptionGy: number | null,
  levels: readonly IsodoseLevel[] = ISODOSE_LEVELS,
): Isodose[] {
  if (image.dose === null || prescriptionGy === null) return []
  assertPrescription(prescriptionGy)
  const contour = contours().size([image.columns, image.rows])
  const dose = Array.from(image.dose)
  return levels
    .map((level) => {
      const gy = (level.percent / 100) * prescriptionGy
      const polygons = contour.contour(dose, gy).coordinates
      return { level, gy, rings: polygons.flat() as [number, number][][] }
    })
    .filter((isodose) => isodose.rings.length > 0)
}

/** The SVG path of rings, scaled from pixels to mm. */
export function ringsPath(rings: readonly Ring[], pixelMm: readonly [number, number]): string {
  const [rowMm, columnMm] = pixelMm
  return rings
    .map((ring) => {
      const points = ring.slice(0, -1)
      const texts = points.map(([x, y]) => `${coordinate(x * columnMm)} ${coordinate(y * rowMm)}`)
      return `M${texts.join('L')}Z`
    })
    .join('')
}

/**
 * A level in dose and percent: `66.5 Gy (95 %)`, or `66.5 / 57.0 Gy (95 %)` for two prescriptions; `95 %` without any.
 */
export function isodoseLabel(level: IsodoseLevel, prescriptionsGy: readonly number[]): string {
  const doses = prescriptionsGy.map((gy) => fixed((level.percent / 100) * gy, 1))
  const percent = `${plain(level.percent)} %`
  return doses.length === 0 ? percent : `${doses.join(' / ')} Gy (${percent})`
}

function assertPrescription(gy: number): void {
  if (gy > 0 && Number.isFinite(gy)) return
  throw new LshError('bad_input', `prescription is ${gy} Gy, isodose lines need one above 0`, {
    hint: 'Give the prescribed dose of the plan in Gy.',
  })
}
