import { lshIndex } from './lsh-index.js'
import type { Method } from './method.js'

/** As in `pg-lsh family create --kind residual`. */
const RESIDUAL = { kind: 'residual', bits: 512 } as const

const points = (settings: readonly (readonly [probes: number, candidates: number])[]) =>
  settings.map(([probes, candidates]) => ({ probes, candidates }))

export const ours: readonly Method[] = [
  ...lshIndex({
    name: 'ours',
    family: RESIDUAL,
    points: points([
      [4, 30],
      [8, 30],
      [8, 32],
      [8, 36],
      [8, 40],
      [8, 60],
      [12, 24],
      [16, 20],
      [16, 24],
      [16, 40],
      [24, 40],
      [32, 30],
      [32, 60],
      [48, 60],
      [64, 60],
      [64, 120],
      [96, 100],
      [128, 100],
      [128, 140],
      [160, 140],
      [200, 140],
      [240, 150],
      [320, 200],
      [400, 250],
      [512, 300],
    ]),
    doors: ['client', 'sql', 'kysely', 'prepared'],
  }),
  ...lshIndex({
    name: 'ours-sign',
    family: { kind: 'sign', bits: 512, buckets: 'voronoi' },
    points: points([
      [8, 40],
      [16, 60],
      [16, 100],
      [32, 150],
      [128, 100],
      [160, 100],
      [200, 100],
      [240, 140],
    ]),
    doors: ['client', 'sql'],
  }),
  ...lshIndex({
    name: 'ours-bits',
    family: { kind: 'sign', bits: 256 },
    points: points([
      [64, 100],
      [256, 150],
      [512, 200],
      [1024, 400],
    ]),
    doors: ['client', 'sql'],
  }),
  ...lshIndex({
    name: 'ours-hnsw',
    family: { kind: 'sign', bits: 512 },
    points: points([
      [1, 20],
      [1, 50],
      [1, 100],
      [1, 200],
    ]),
    doors: ['sql'],
    graph: true,
  }),
]
