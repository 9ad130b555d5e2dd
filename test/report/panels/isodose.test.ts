import { describe, expect, it } from 'vitest'
import {
  isodoseLabel,
  isodoses,
  ISODOSE_LEVELS,
  ringsPath,
} from '../../../src/report/panels/isodose.js'
import type { IsodoseLevel } from '../../../src/report/panels/isodose.js'
import { contrasts } from '../colour-vision.js'
import { flatImage, withDose } from '../phantom.js'

const HALF: IsodoseLevel = { percent: 50, color: '#fff', dashes: [], width: 1 }

describe('isodoses', () => {
  it('follow the known dose of a cone to a hundredth of a pixel', () => {
    const middle = { x: 20.3, y: 14.8 }
    const cone = (x: number, y: number) => 60 - 4 * Math.hypot(x - middle.x, y - middle.y)
    const [isodose] = isodoses(withDose(flatImage(30, 40), cone), 60, [HALF])
    const points = isodose?.rings.flat() ?? []
    expect(points.length).toBeGreaterThan(40)
    for (const [x, y] of points) {
      expect(Math.abs(Math.hypot(x - middle.x, y - middle.y) - 7.5)).toBeLessThan(0.02)
    }
  })

  it('surround a single hot pixel and extend by half a pixel from its centre', () => {
    const hot = withDose(flatImage(5, 5), (x, y) => (x === 3.5 && y === 1.5 ? 60 : 0))
    const [isodose] = isodoses(hot, 60, [HALF])
    const points = isodose?.rings.flat() ?? []
    const xs = points.map(([x]) => x)
    const ys = points.map(([, y]) => y)
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([3, 4])
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([1, 2])
  })

  it('are scaled by the height of rows and the width of columns', () => {
    const hot = withDose(flatImage(5, 5), (x, y) => (x === 3.5 && y === 1.5 ? 60 : 0))
    const [isodose] = isodoses(hot, 60, [HALF])
    expect(isodose && ringsPath(isodose.rings, [2, 10])).toBe('M40 3L35 2L30 3L35 4Z')
  })

  it('surround a cold spot as a hole', () => {
    const ring = withDose(flatImage(30, 30), (x, y) => {
      const radius = Math.hypot(x - 15, y - 15)
      return radius > 4 && radius < 10 ? 60 : 0
    })
    expect(isodoses(ring, 60, [HALF])[0]?.rings).toHaveLength(2)
  })

  it('are left out if no dose reaches the level', () => {
    const low = withDose(flatImage(9, 9), (x) => (x < 4 ? 40 : 0))
    expect(isodoses(low, 70).map(({ level }) => level.percent)).toEqual([30, 50])
    expect(isodoses(low, 70).map(({ gy }) => gy)).toEqual([21, 35])
    expect(isodoses(flatImage(9, 9), 70)).toEqual([])
  })

  it('refuses a prescription of 0 Gy', () => {
    expect(() => isodoses(flatImage(3, 3), 0)).toThrow('prescription is 0 Gy')
  })
})

describe('isodoseLabel', () => {
  it('names the level in Gy and percent', () => {
    expect(ISODOSE_LEVELS.map((level) => isodoseLabel(level, [70]))).toEqual([
      '21.0 Gy (30 %)',
      '35.0 Gy (50 %)',
      '49.0 Gy (70 %)',
      '63.0 Gy (90 %)',
      '66.5 Gy (95 %)',
      '70.0 Gy (100 %)',
      '74.9 Gy (107 %)',
    ])
  })

  it('names the dose for every prescription of a panel', () => {
    expect(isodoseLabel({ ...HALF, percent: 95 }, [70, 60])).toBe('66.5 / 57.0 Gy (95 %)')
  })
})

describe('ISODOSE_LEVELS', () => {
  it('differ from their neighbours in line style', () => {
    const styles = ISODOSE_LEVELS.map(({ dashes }) => dashes.join())
    styles.slice(1).forEach((style, at) => expect(style).not.toBe(styles[at]))
  })

  it.each(['normal', 'protan', 'deutan', 'tritan'] as const)(
    'differ from their neighbours in colour for %s vision',
    (vision) => {
      const colours = ISODOSE_LEVELS.map(({ color }) => color)
      expect(Math.min(...contrasts(colours, vision))).toBeGreaterThan(20)
    },
  )
})
