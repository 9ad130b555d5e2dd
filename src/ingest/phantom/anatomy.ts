import { paintBody } from './body.js'
import { type Canvas, createCanvas } from './canvas.js'
import { paintHead } from './head.js'
import { paintNeck } from './neck.js'
import type { PhantomPatient } from './patient.js'
import { paintShoulders } from './shoulders.js'
import { airHu, maxHu, side } from '../volume/volume.js'

/** Level in the shoulders at which every phantom ends, in mm of the standard anatomy. */
export const lastLevel = 297
const chin = 200

/** Paints the slices of a patient from the vertex to the shoulders. */
export function paintSlices(patient: PhantomPatient, sliceMm: number): Canvas[] {
  const { headLength, neckLength } = patient
  const length = chin * headLength + (lastLevel - chin) * neckLength
  const canvases: Canvas[] = []
  for (let mm = 3; mm <= length; mm += sliceMm) {
    const inHead = mm / headLength
    const level = inHead < chin ? inHead : chin + (mm - chin * headLength) / neckLength
    const canvas = createCanvas(level, patient)
    paintBody(canvas)
    paintHead(canvas)
    paintShoulders(canvas)
    paintNeck(canvas)
    canvases.push(canvas)
  }
  return canvases
}

/** Simulates a scan of painted tissue: blurred edges, and noise in grains of a few voxels. */
export function scan(canvas: Canvas): Int16Array {
  const { hu, body, patient, level } = canvas
  const sharp = blur(hu, 0.16)
  // Shoulders absorb more radiation, so that their noise is stronger.
  const sd = 15 + Math.max(0, level - 240) / 6
  const grain = blur(noise(body, patient), 0.22)
  const ct = new Int16Array(side * side)
  for (let p = 0; p < ct.length; p++) {
    const value = (sharp[p] as number) + sd * 1.75 * (grain[p] as number)
    // The surroundings of a patient are stored as plain air.
    ct[p] = body[p] === 0 ? airHu : Math.max(airHu + 1, Math.min(maxHu, Math.round(value)))
  }
  return ct
}

function noise(body: Uint8Array, patient: PhantomPatient): Float32Array {
  const white = new Float32Array(body.length)
  for (let p = 0; p < body.length; p++) if (body[p] === 1) white[p] = patient.random.normal()
  return white
}

/** Blurs along rows and columns; each neighbour gets the share `part`. */
function blur(image: Float32Array, part: number): Float32Array {
  let from = image
  for (const step of [1, side]) {
    const to = from.slice()
    for (let p = step; p < to.length - step; p++)
      to[p] =
        (1 - 2 * part) * (from[p] as number) +
        part * ((from[p - step] as number) + (from[p + step] as number))
    from = to
  }
  return from
}
