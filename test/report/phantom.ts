import type { Dvh, SliceImage } from '../../src/core/plan.js'
import { random } from '../../src/core/random.js'
import type { NeighbourTile, PanelTile } from '../../src/report/panels/panel.js'
import type { RetrievalPage } from '../../src/report/pages/retrieval-page.js'

/** A raster of one CT value without dose. */
export function flatImage(rows: number, columns: number, hu = -1000): SliceImage {
  const ct = new Int16Array(rows * columns).fill(hu)
  return { rows, columns, ct, dose: new Float32Array(rows * columns) }
}

/** The same raster with a dose given by a function of column and row in pixels. */
export function withDose(image: SliceImage, dose: (x: number, y: number) => number): SliceImage {
  const middles = Float32Array.from(image.ct, (_, at) =>
    dose((at % image.columns) + 0.5, Math.floor(at / image.columns) + 0.5),
  )
  return { ...image, dose: middles }
}

/** A seeded neck of 24 x 32 pixels: noisy soft tissue, a vertebra, and dose around a tumour. */
export function phantom(seed: number): SliceImage {
  const source = random(seed)
  const air = flatImage(24, 32)
  const tumour = { x: 13 + 4 * source.uniform(), y: 9 + 2 * source.uniform() }
  const ct = air.ct.map((_, at) => {
    const x = (at % 32) + 0.5 - 16
    const y = Math.floor(at / 32) + 0.5 - 12
    if ((x / 2) ** 2 + (y - 4) ** 2 < 3) return 700
    return (x / 10) ** 2 + (y / 9) ** 2 < 1 ? 40 + source.integer(-20, 20) : -1000
  })
  const tissue = { ...air, ct }
  return withDose(
    tissue,
    (x, y) => 76 * Math.exp(-((x - tumour.x) ** 2 + (y - tumour.y) ** 2) / 40),
  )
}

/** A histogram that decreases from the full volume at half of a dose to 0 at that dose. */
function fallingDvh(gy: number): Dvh {
  const bins = Math.round(gy) + 2
  const volume = Float32Array.from({ length: bins }, (_, bin) =>
    Math.min(1, Math.max(0, (gy - bin) / (gy / 2))),
  )
  return { binGy: 1, volume }
}

/** Pixels of the phantom around a point, as the outline of a structure. */
function disk(x: number, y: number, radius: number): Uint8Array {
  return Uint8Array.from({ length: 24 * 32 }, (_, at) =>
    Math.hypot((at % 32) + 0.5 - x, Math.floor(at / 32) + 0.5 - y) < radius ? 1 : 0,
  )
}

/** The phantom as a tile whose pixels are not square. */
export function phantomTile(seed: number, change: Partial<PanelTile> = {}): PanelTile {
  return {
    image: phantom(seed),
    pixelMm: [7, 6],
    plan: `train-pats/pt_${seed}`,
    sliceIndex: 40 + seed,
    positionMm: 2.5 * (40 + seed),
    prescriptionGy: 70,
    outlined: [
      { name: 'PTV70', role: 'target', inside: disk(15, 10, 3) },
      { name: 'SpinalCord', role: 'organ', inside: disk(16, 16, 1.6) },
    ],
    structures: [
      { name: 'PTV70', role: 'target', meanGy: 65, dvh: fallingDvh(72 + seed) },
      { name: 'SpinalCord', role: 'organ', meanGy: 20, dvh: fallingDvh(30 + 2 * seed) },
    ],
    ...change,
  }
}

export function phantomNeighbour(seed: number, change: Partial<NeighbourTile> = {}): NeighbourTile {
  const distance = 0.25 * seed
  return { ...phantomTile(seed), distance, hamming: 3 * seed, bits: 64, hit: true, ...change }
}

/** A page with every element that a page can have. */
export function phantomPage(): RetrievalPage {
  return {
    title: 'Similar slices of a phantom',
    notice: 'The cohort is synthetic.',
    facts: [
      ['Data set', 'phantom'],
      ['Seed', '1'],
    ],
    figures: [
      {
        space: 'ct_shallow',
        queries: 20,
        bits: 64,
        dice: 0.9,
        jaccard: 0.8182,
        recall: 0.9,
        code_loss: 0.1,
        bucket_loss: 0,
        visited_share: 0.125,
        milliseconds: 1.26,
      },
    ],
    panels: [
      {
        space: 'ct_shallow',
        title: 'Neck of a phantom.',
        onePerPatient: true,
        query: phantomTile(1),
        neighbours: [
          phantomNeighbour(2, { plan: 'train-pats/pt_1' }),
          phantomNeighbour(3, { hit: false, prescriptionGy: 60 }),
        ],
      },
    ],
    sql: [{ title: 'The most similar slices.', statement: 'select 1\nwhere 1 < 2;' }],
  }
}
