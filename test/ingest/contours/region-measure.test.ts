import { describe, expect, test } from 'vitest'
import { unpackMask } from '../../../src/core/pixel-mask.js'
import type { Region } from '../../../src/ingest/dicom/objects/structure-set.js'
import { measureRegion, type MeasuredRegion } from '../../../src/ingest/contours/region-measure.js'
import {
  box,
  cone,
  contoursOf,
  dosesOf,
  linearGy,
  rod,
  sceneOf,
  sphere,
  type AnalyticBody,
} from './analytic-bodies.js'

const scans = [
  [1, 1],
  [1, 3],
  [2.5, 2.5],
  [4, 5],
] as const
const scenes = new Map(
  scans.map(([pixel, slice]) => [`${pixel} x ${slice}`, sceneOf(pixel, slice)]),
)
const region = (contours: Region['contours'], unclosed = 0): Region => {
  return { number: 1, name: '', type: '', frame: null, contours, unclosed }
}

function measure(scan: string, contours: Region['contours']): MeasuredRegion {
  return measureRegion(region(contours), scenes.get(scan)!)!
}

/** Share of a body that gets at least a dose. */
function reached(doses: Float64Array, gy: number): number {
  let [low, high] = [0, doses.length]
  while (low < high) {
    const mid = (low + high) >> 1
    if (doses[mid]! < gy) low = mid + 1
    else high = mid
  }
  return 1 - low / doses.length
}

/** Dose that a share of the volume gets at least, from the histogram. */
function doseAt({ dose }: MeasuredRegion, part: number): number {
  const { volume, binGy } = dose!.dvh
  const after = volume.findIndex((reaches) => reaches < part)
  const [above, below] = [volume[after - 1]!, volume[after]!]
  return (after - 1 + (above - part) / (above - below)) * binGy
}

function pixelsIn(mask: Uint8Array): number {
  return unpackMask(mask, 8 * mask.length).reduce((sum, one) => sum + one, 0)
}

/** Heights at which a body is drawn. */
const heights = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) => from + i * step)

describe('measureRegion of bodies of known volume and dose', () => {
  const steps = [1, 2.5, 3, 5]
  // Flat ends lie halfway between two planes, as the planes alone do not show where.
  const bodies: [string, (step: number) => [AnalyticBody, number[]]][] = [
    ['a box', (step) => [box(17, -15 * step, 15 * step), heights(-14.5 * step, 15 * step, step)]],
    ['a sphere', (step) => [sphere(20), heights(-25, 25, step)]],
    ['a cone', (step) => [cone(25, -15, 45), heights(-15 + step / 2, 45, step)]],
    ['a rod at an angle', (step) => [rod(10, 0.5, -30, 30), heights(-30 + step / 2, 30, step)]],
    ['a rod at 45 degrees', (step) => [rod(8, 1, -30, 30), heights(-30 + step / 2, 30, step)]],
  ]
  const cases = bodies.flatMap(([name, make]) =>
    steps.flatMap((step) => [...scenes.keys()].map((scan) => [name, step, scan, make] as const)),
  )

  test.each(cases)(
    'is accurate for %s drawn every %f mm on a CT of %s mm',
    (name, step, scan, make) => {
      const [body, drawn] = make(name === 'a box' ? Math.min(step, 3) : step)
      const found = measure(scan, contoursOf(body, drawn))
      expect(Math.abs(found.volumeCc! / body.volumeCc - 1)).toBeLessThan(0.02)
      const doses = dosesOf(body)
      const mean = doses.reduce((sum, gy) => sum + gy, 0) / doses.length
      expect(Math.abs(found.dose!.meanGy - mean)).toBeLessThan(0.1)
      const { binGy, volume } = found.dose!.dvh
      volume.forEach((part, bin) => {
        // The histogram may differ from the true one by 0.01 of the volume and 0.1 Gy.
        expect(part, `${bin * binGy} Gy`).toBeLessThan(reached(doses, bin * binGy - 0.1) + 0.01)
        expect(part, `${bin * binGy} Gy`).toBeGreaterThan(reached(doses, bin * binGy + 0.1) - 0.01)
      })
      // The cross-sections sum to the volume.
      const sliceMm = Number(scan.split(' x ')[1])
      const summed = found.areasCm2.reduce((sum, area) => sum + area, 0) * (sliceMm / 10)
      expect(summed).toBeCloseTo(found.volumeCc!, 3)
      // So do the pixels of the masks, apart from pixels that the border cuts.
      const [pixelMm] = scan.split(' x ').map(Number) as [number, number]
      const masked = found.masks!.map((mask) => (mask === null ? 0 : pixelsIn(mask)))
      const pixels = masked.reduce((sum, count) => sum + count, 0)
      const cc = (pixels * pixelMm * pixelMm * sliceMm) / 1000
      expect(Math.abs(cc / found.volumeCc! - 1)).toBeLessThan(0.15)
    },
  )

  test('places the pixels of a cylinder where it was drawn', () => {
    const scan = '1 x 3'
    const [body, drawn] = [rod(10, 0.5, -30, 30), heights(-28.5, 30, 3)]
    const found = measure(scan, contoursOf(body, drawn))
    const { raster, left, top, depths } = scenes.get(scan)!.drawings[0]!
    found.masks!.forEach((mask, slice) => {
      if (mask === null) return
      const inside = unpackMask(mask, raster.rows * raster.columns)
      const { x, y, half } = body.at(depths[depths.length - 1 - slice]!)!
      let [sumX, sumY, count] = [0, 0, 0]
      for (const [pixel, set] of inside.entries()) {
        if (set === 0) continue
        sumX += left + (pixel % raster.columns) + 0.5
        sumY += top + Math.floor(pixel / raster.columns) + 0.5
        count++
      }
      expect(half).toBeGreaterThan(0)
      expect(Math.abs(sumX / count - x)).toBeLessThan(0.5)
      expect(Math.abs(sumY / count - y)).toBeLessThan(0.5)
    })
  })

  test('computes the dose of a share of the volume to 0.1 Gy', () => {
    for (const [scan, step] of [
      ['1 x 3', 3],
      ['2.5 x 2.5', 2.5],
      ['1 x 1', 1],
    ] as const) {
      const body = sphere(15)
      const found = measure(scan, contoursOf(body, heights(-20, 20, step)))
      const doses = dosesOf(body)
      for (const part of [0.98, 0.95, 0.5, 0.05, 0.02]) {
        const truth = doses[Math.floor(doses.length * (1 - part))]!
        expect(Math.abs(doseAt(found, part) - truth), `D${part} on ${scan}`).toBeLessThan(0.1)
      }
    }
  })
})

describe('measureRegion of small organs', () => {
  test.each([
    ['a lens', 4],
    ['a cochlea', 3],
  ])(
    'measures volume, mean and maximum dose of %s that lies between the centres of voxels',
    (_, radius) => {
      for (const scan of ['4 x 5', '2.5 x 2.5', '1 x 3']) {
        const body = sphere(radius, 0)
        const found = measure(scan, contoursOf(body, heights(-radius + 0.5, radius, 1)))
        const doses = dosesOf(body, 0.2)
        expect(Math.abs(found.volumeCc! / body.volumeCc - 1), scan).toBeLessThan(0.02)
        expect(found.dose!.meanGy).toBeCloseTo(linearGy([1.3, -0.7, 0]), 1)
        expect(Math.abs(found.dose!.maxGy - doses.at(-1)!), scan).toBeLessThan(0.25)
        expect(
          Math.abs(doseAt(found, 0.02) - doses[Math.floor(doses.length * 0.98)]!),
        ).toBeLessThan(0.1)
      }
    },
  )

  test('detects a square millimetre in the corner of four voxels', () => {
    const square = [0.5, 0.5, 2.5, 1.5, 0.5, 2.5, 1.5, 1.5, 2.5, 0.5, 1.5, 2.5]
    const found = measure('4 x 5', [{ points: Float64Array.from(square), xor: false }])
    expect(found.volumeCc).toBeCloseTo(0.005, 6)
    expect(found.dose!.meanGy).toBeCloseTo(linearGy([1, 1, 2.5]), 2)
  })
})

describe('measureRegion', () => {
  test('reports the highest dose of a voxel as maximum of a large structure', () => {
    const body = box(20, -25, 25)
    const found = measure(
      '4 x 5',
      contoursOf({ ...body, at: () => ({ x: 0, y: 0, half: 20 }) }, heights(-22.5, 25, 5)),
    )
    expect(found.dose!.maxGy).toBeCloseTo(linearGy([18, 18, 22.5]), 4)
  })

  test('reports no dose for a structure outside the dose grid, and the share that is covered', () => {
    const scene = scenes.get('2.5 x 2.5')!
    const half = box(10, -10, 10)
    const at = (x: number) =>
      measureRegion(
        region(
          contoursOf({ ...half, at: () => ({ x, y: 0, half: 10 }) }, heights(-8.75, 8.75, 2.5)),
        ),
        scene,
      )!
    // The grid ends at 80 mm and the CT at 65 mm.
    expect(at(0)).toMatchObject({ dosedShare: expect.closeTo(1, 6) })
    const { dose } = scene
    const cut = {
      ...scene,
      dose: {
        ...dose!,
        field: {
          ...dose!.field,
          cells: (...args: Parameters<NonNullable<typeof dose>['field']['cells']>) => {
            const found = dose!.field.cells(...args)
            return { ...found, gy: found.gy.map((gy) => (gy > 31 ? NaN : gy)) }
          },
        },
      },
    }
    const found = measureRegion(
      region(
        contoursOf({ ...half, at: () => ({ x: 0, y: 0, half: 10 }) }, heights(-8.75, 8.75, 2.5)),
      ),
      cut,
    )!
    expect(found.dose).toBeNull()
    expect(found.dosedShare).toBeLessThan(0.9)
    expect(found.volumeCc).toBeCloseTo(8, 3)
  })

  test('excludes parts beyond the CT and reports their volume', () => {
    const long = box(10, 0, 80)
    const found = measure('2.5 x 2.5', contoursOf(long, heights(1.25, 80, 2.5)))
    expect(found.volumeCc).toBeCloseTo(400 * 0.06, 3)
    expect(found.drawn!.beyondCc).toBeCloseTo(400 * 0.02, 3)
  })

  test('reports no volume for points and lines, and 0 cc for no contours', () => {
    const scene = scenes.get('4 x 5')!
    expect(measureRegion(region([], 3), scene)).toMatchObject({ volumeCc: null, dose: null })
    expect(measureRegion(region([]), scene)).toMatchObject({ volumeCc: 0, dose: null })
  })

  test('reports no dose if the plan has none', () => {
    const scene = { ...scenes.get('4 x 5')!, dose: null }
    const found = measureRegion(region(contoursOf(sphere(15), heights(-20, 20, 3))), scene)!
    expect(found).toMatchObject({ dose: null, dosedShare: null })
    expect(found.volumeCc).toBeGreaterThan(13)
  })
})
