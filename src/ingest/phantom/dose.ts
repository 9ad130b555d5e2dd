import { beamModel } from './beams.js'
import type { Canvas } from './canvas.js'
import { optimiseDose, sliceGoal } from './fluence.js'
import { side } from '../volume/volume.js'

const plane = side * side

/** Dose in Gy of every slice, for targets given as Gy per pixel of each slice. */
export function irradiate(
  canvases: readonly Canvas[],
  targets: readonly Uint8Array[],
  sliceMm: number,
): Float32Array[] {
  const primary = canvases.map((canvas, k) => {
    const dose = new Float32Array(plane)
    const wanted = openings(targets, k)
    if (wanted === undefined) return dose
    const { hu, body, organs, patient } = canvas
    const model = beamModel(hu, body, patient)
    const gy = optimiseDose(model, sliceGoal(wanted, organs))
    model.pixels.forEach((pixel, n) => (dose[pixel] = gy[n] as number))
    return dose
  })
  const scattered = scatter(primary, sliceMm)
  const scale = (canvases[0]?.patient.meanGy ?? 70) / meanInHighest(scattered, targets)
  return scattered.map((dose, k) =>
    dose.map((gy, p) => (canvases[k]?.body[p] === 1 ? Math.round(gy * scale * 1000) / 1000 : 0)),
  )
}

function meanInHighest(doses: readonly Float32Array[], targets: readonly Uint8Array[]): number {
  let sum = 0
  let count = 0
  doses.forEach((dose, k) => {
    const wanted = targets[k] as Uint8Array
    for (let p = wanted.indexOf(70); p >= 0; p = wanted.indexOf(70, p + 1)) {
      sum += dose[p] as number
      count++
    }
  })
  return sum / count
}

/** Fields extend one slice beyond the targets; otherwise the first and last slice would be underdosed. */
function openings(targets: readonly Uint8Array[], k: number): Uint8Array | undefined {
  return [targets[k], targets[k - 1], targets[k + 1]].find((wanted) => wanted?.some((gy) => gy > 0))
}

/** Part of the dose scatters out of its slice and its beam, along the patient and to all sides. */
function scatter(primary: readonly Float32Array[], sliceMm: number): Float32Array[] {
  const keep = Math.exp(-sliceMm / 14)
  const carried = (order: readonly number[]) => {
    const sums: Float32Array[] = []
    let sum = new Float32Array(plane)
    for (const k of order) {
      const own = primary[k] as Float32Array
      sum = sum.map((value, p) => keep * value + (1 - keep) * (own[p] as number))
      sums[k] = sum
    }
    return sums
  }
  const order = [...primary.keys()]
  const down = carried(order)
  const up = carried(order.reverse())
  return primary.map((own, k) => {
    const tails = own.map(
      (_, p) => ((down[k] as Float32Array)[p] as number) + ((up[k] as Float32Array)[p] as number),
    )
    const wide = boxBlur(boxBlur(tails, 4, 1), 4, side)
    return own.map((gy, p) => 0.88 * gy + 0.03 * (tails[p] as number) + 0.05 * (wide[p] as number))
  })
}

function boxBlur(image: Float32Array, radius: number, step: number): Float32Array {
  const out = new Float32Array(image.length)
  const reach = radius * step
  for (let p = reach; p < image.length - reach; p++) {
    let sum = 0
    for (let q = p - reach; q <= p + reach; q += step) sum += image[q] as number
    out[p] = sum / (2 * radius + 1)
  }
  return out
}
