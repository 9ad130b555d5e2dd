import { describe, expect, it } from 'vitest'
import { levelGroups, mandibleLevels } from '../../src/compare/level-groups.js'

describe('levelGroups', () => {
  const levels = [-40, -20, 0, 20, 40, 60, 80]

  it('separates head, neck and shoulders by the mandible and by the width of the body', () => {
    expect(levelGroups(levels, [150, 160, 140, 120, 110, 170, 300])).toEqual([
      'head',
      'head',
      'neck',
      'neck',
      'neck',
      'shoulders',
      'shoulders',
    ])
  })

  it('reports no shoulders if no slice is wide enough, and none above the narrowest slice', () => {
    const groups = levelGroups(levels, [150, 160, 190, 120, 110, 120, 0])
    expect(groups.slice(2)).toEqual(['neck', 'neck', 'neck', 'neck', 'neck'])
  })

  it('returns null if the level is unknown', () => {
    expect(levelGroups([NaN, NaN], [100, 300])).toEqual([null, null])
  })
})

describe('mandibleLevels', () => {
  it('uses the mandible of the plan, or estimates its level from other organs', () => {
    const found = mandibleLevels(
      new Map([
        [
          1,
          new Map([
            ['Mandible', 50],
            ['Larynx', 100],
          ]),
        ],
        [
          2,
          new Map([
            ['Mandible', 70],
            ['Larynx', 120],
          ]),
        ],
        [3, new Map([['Larynx', 200]])],
        [4, new Map()],
      ]),
    )
    expect(found.get(1)).toBe(50)
    expect(found.get(3)).toBeCloseTo(150, 0)
    expect(found.get(4)).toBeNaN()
  })
})
