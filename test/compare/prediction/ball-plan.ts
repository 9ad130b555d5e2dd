import { createHash } from 'node:crypto'
import { packMask } from '../../../src/core/pixel-mask.js'
import type { Plan, Split, Structure } from '../../../src/core/plan.js'
import { random } from '../../../src/core/random.js'

const [SLICES, ROWS, COLUMNS] = [12, 18, 24]
const MM = [4, 4, 4] as const
const PRESCRIBED_GY = 70

/**
 * A plan of a round target in a round body with a cord, a jaw above and a gland at its side. The dose decreases with
 * the distance to the target, faster towards the gland the nearer the gland is. The number is the seed of sizes and
 * positions.
 */
export function ballPlan(number: number, split: Split = 'train'): Plan {
  const source = random(number)
  // The first random numbers are similar for all seeds.
  for (let i = 0; i < 8; i++) source.uniform()
  const radius = 2.5 + 2.5 * source.uniform()
  const gland = radius + 2.5 + 4 * source.uniform()
  const noise = () => 0.4 * source.normal()
  const middle = [6 + noise(), 9 + noise(), 11 + noise()] as const
  const at = (i: number) =>
    [Math.floor(i / (ROWS * COLUMNS)), Math.floor(i / COLUMNS) % ROWS, i % COLUMNS] as const
  const from = ([s, r, c]: readonly [number, number, number], [ds, dr, dc]: readonly number[]) =>
    Math.hypot(s - middle[0] - ds!, r - middle[1] - dr!, c - middle[2] - dc!)
  const region = (place: readonly number[], size: number) =>
    Float32Array.from({ length: SLICES * ROWS * COLUMNS }, (_, i) =>
      from(at(i), place) < size ? 1 : 0,
    )
  const structures = [
    { name: 'Gland', role: 'organ' as const, inside: region([0, 0, gland], 2.2) },
    { name: 'Mandible', role: 'organ' as const, inside: region([-4, -5, 0], 2.5) },
    { name: 'PTV70', role: 'target' as const, inside: region([0, 0, 0], radius) },
    { name: 'SpinalCord', role: 'organ' as const, inside: region([0, 7, 0], 1.6) },
  ]
  const body = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    const [, r, c] = at(i)
    return Math.hypot((r - 8.5) / 8.5, (c - 11.5) / 11) < 1 ? 1 : 0
  })
  const doseAt = (i: number) => {
    const beyond = from(at(i), [0, 0, 0]) - radius
    const spared = from(at(i), [0, 0, gland]) < 2.6 ? 0.7 : 1
    return beyond < 0 ? PRESCRIBED_GY : spared * PRESCRIBED_GY * Math.exp(-beyond / 5)
  }
  const pixels = ROWS * COLUMNS
  return {
    sourceKey: `balls/pt_${number}`,
    patient: `pt_${number}`,
    split,
    checksum: createHash('sha256').update(`ball ${number} ${split}`).digest('hex'),
    site: 'head and neck',
    prescriptionGy: PRESCRIBED_GY,
    voxelMm: [MM[0], MM[1], MM[2]],
    slices: Array.from({ length: SLICES }, (_, index) => ({
      index,
      positionMm: MM[2] * index,
      rows: ROWS,
      columns: COLUMNS,
      ct: Int16Array.from(body, (inside) => (inside ? 20 : -1000)),
      dose: Float32Array.from(body, (inside, p) => (inside ? doseAt(index * pixels + p) : 0)),
    })),
    structures: structures.map(({ name, role, inside }): Structure => {
      const layers = Array.from({ length: SLICES }, (_, s) =>
        inside.subarray(s * pixels, (s + 1) * pixels),
      )
      const counts = layers.map((layer) => layer.reduce((sum, one) => sum + one, 0))
      return {
        name,
        role,
        volumeCc: (counts.reduce((a, b) => a + b, 0) * MM[0] * MM[1] * MM[2]) / 1000,
        meanGy: 30,
        maxGy: 70,
        dvh: { binGy: 10, volume: Float32Array.of(1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0) },
        dosedShare: 1,
        areasCm2: Float32Array.from(counts, (count) => (count * MM[0] * MM[1]) / 100),
        masks: layers.map((layer, s) => (counts[s] ? packMask(layer) : null)),
      }
    }),
  }
}
