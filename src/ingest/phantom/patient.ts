import { random, type Random } from '../../core/random.js'

/** Location of the tumour of a synthetic patient; levels are mm below the vertex of a standard head. */
export interface Tumour {
  readonly site: string
  readonly level: number
  readonly x: number
  readonly y: number
  /** Half axes in mm: across, anterior to posterior, along. */
  readonly radii: readonly [number, number, number]
  /** +1 for the left, -1 for the right side of the patient. */
  readonly side: 1 | -1
  readonly nodes: boolean
}

/** Individual properties of a synthetic patient. */
export interface PhantomPatient {
  readonly number: number
  readonly width: number
  readonly depth: number
  readonly headLength: number
  readonly neckLength: number
  readonly fat: number
  readonly muscle: number
  readonly shoulder: number
  /** Lateral lean of the head in mm per mm, and roll in radians. */
  readonly lean: number
  readonly roll: number
  /** Lift of the chin: forward shift per mm above the shoulders. */
  readonly extension: number
  readonly phases: readonly number[]
  readonly contrast: boolean
  readonly fillings: boolean
  readonly tumour: Tumour
  readonly targets: readonly string[]
  /** Number of beam directions. */
  readonly beams: number
  /** Radians. */
  readonly firstAngle: number
  /** Mean dose in PTV70 in Gy. */
  readonly meanGy: number
  /** Source of the noise of the scanner. */
  readonly random: Random
}

const sites: readonly Pick<Tumour, 'site' | 'level' | 'x' | 'y'>[] = [
  { site: 'nasopharynx', level: 143, x: 8, y: -8 },
  { site: 'oropharynx', level: 172, x: 20, y: -8 },
  { site: 'oral cavity', level: 176, x: 16, y: -42 },
  { site: 'base of tongue', level: 186, x: 10, y: -24 },
  { site: 'hypopharynx', level: 210, x: 12, y: -4 },
  { site: 'larynx', level: 222, x: 8, y: -18 },
]

/** Draws a patient, which depends only on the seed and the number. */
export function drawPatient(seed: number, number: number): PhantomPatient {
  const source = random(Math.imul(seed, 7919) + Math.imul(number, 104729))
  // The first numbers of neighbouring seeds are similar.
  for (let i = 0; i < 32; i++) source.uniform()
  const between = (from: number, to: number) => from + (to - from) * source.uniform()
  const chance = (p: number) => source.uniform() < p
  const site = sites[source.integer(0, sites.length - 1)] as (typeof sites)[number]
  const side = chance(0.5) ? 1 : -1
  const size = between(0.95, 1.7)
  return {
    number,
    width: between(0.92, 1.08),
    depth: between(0.93, 1.07),
    headLength: between(0.94, 1.06),
    neckLength: between(0.8, 1.25),
    fat: between(0.5, 2.3),
    muscle: between(0.88, 1.15),
    shoulder: between(0.88, 1.06),
    lean: 0.04 * source.normal(),
    roll: 0.035 * source.normal(),
    extension: between(-0.06, 0.12),
    phases: Array.from({ length: 12 }, () => between(0, 2 * Math.PI)),
    contrast: chance(0.5),
    fillings: chance(0.35),
    tumour: {
      ...site,
      level: site.level + 4 * source.normal(),
      side,
      radii: [17 * size * between(0.8, 1.2), 16 * size * between(0.8, 1.2), 20 * size],
      nodes: chance(0.6),
    },
    targets: ['PTV70', ...(chance(0.55) ? ['PTV63'] : []), ...(chance(0.88) ? ['PTV56'] : [])],
    beams: chance(0.5) ? 9 : 7,
    firstAngle: between(0, 0.3),
    meanGy: between(70, 72.5),
    random: source,
  }
}
