import { describe, expect, it } from 'vitest'
import type { Morphology } from '../../../src/core/picture.js'
import { MORPHOMETRIC_NAMES, morphometrics } from '../../../src/encode/frames/morphometrics.js'
import { PERSISTENCE_NAMES, persistence } from '../../../src/encode/frames/persistence.js'
import { readSwc } from '../../../src/ingest/pictures/swc.js'

/** A trunk of 10 µm that forks at a right angle into arms of 10 and 30 µm. */
const FORK = `1 1 0 0 0 2 -1
2 3 0 5 0 1 1
3 3 0 10 0 1 2
4 3 -10 10 0 1 3
5 3 0 40 0 1 3`
const swc = (text: string) => readSwc(text).content

function measured(morphology: Morphology): Record<string, number> {
  const values = morphometrics(morphology)
  return Object.fromEntries(MORPHOMETRIC_NAMES.map((name, i) => [name, values[i]!]))
}

describe('morphometrics', () => {
  it('returns the known figures of a simple tree', () => {
    const log = (um: number) => expect.closeTo(Math.log1p(um), 4) as number
    expect(measured(swc(FORK))).toMatchObject({
      stems: log(1),
      forks: log(1),
      tips: log(2),
      length: log(50),
      path_most: log(40),
      path_mean: log(30),
      radial_most: log(40),
      branch_most: log(30),
      branch_median: log(10),
      end_share: expect.closeTo(0.8, 5) as number,
      straightness_mean: 1,
      order_most: log(1),
      angle_mean: expect.closeTo(Math.PI / 2, 5) as number,
      asymmetry_mean: 0,
      width_x: log(10),
      width_y: log(40),
    })
  })

  it('does not depend on position and order of points, and is finite for every readable file', () => {
    const moved = FORK.replace(
      /^(\d+ \d) (-?\d+) (-?\d+)/gm,
      (_, start: string, x: string, y: string) => `${start} ${Number(x) + 8} ${Number(y) - 16}`,
    )
    const shuffled = moved.split('\n').toReversed().join('\n')
    const values = morphometrics(swc(shuffled))
    morphometrics(swc(FORK)).forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4))
    for (const odd of [
      '1 1 0 0 0 1 -1\n2 1 1 0 0 1 1',
      '1 2 0 0 0 0 -1\n2 2 0 0 0 0 1',
      '1 2 0 0 0 0 -1\n2 2 9 0 0 0 -1',
    ]) {
      for (const values of [morphometrics(swc(odd)), persistence(swc(odd))])
        expect(values.every(Number.isFinite)).toBe(true)
    }
  })
})

describe('persistence', () => {
  it('has a bar from the root to the farthest tip and one for each other branch', () => {
    const values = persistence(swc(FORK))
    const of = (name: string) => values[PERSISTENCE_NAMES.indexOf(name)]
    expect(values).toHaveLength(PERSISTENCE_NAMES.length)
    expect(of('path_bars')).toBeCloseTo(Math.log1p(2), 5)
    // The short arm spans 10 to 20 µm, the trunk with the long arm 0 to 40 µm.
    expect(of('path_bar_0.1')).toBeCloseTo(Math.log1p(10), 5)
    expect(of('path_bar_1')).toBeCloseTo(Math.log1p(40), 5)
    const picture = values.filter((_, i) => /^path_\d/.test(PERSISTENCE_NAMES[i]!))
    expect(picture.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 5)
  })
})
