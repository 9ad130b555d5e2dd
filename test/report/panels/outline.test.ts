import { describe, expect, it } from 'vitest'
import { drawOutlines, outlineRings } from '../../../src/report/panels/outline.js'
import { structureStyles } from '../../../src/report/drawing/structure-style.js'
import { phantomTile } from '../phantom.js'

const tile = phantomTile(1)
const styles = structureStyles([tile.structures])
const view = { widthMm: 200, heightMm: 200 }

describe('outlineRings', () => {
  it('run halfway between pixels inside and outside', () => {
    const inside = new Uint8Array(25)
    inside[12] = 1
    const xs = outlineRings(inside, { rows: 5, columns: 5 })
      .flat()
      .map(([x]) => x)
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([2, 3])
  })

  it('exclude a hole', () => {
    const inside = new Uint8Array(25).fill(1)
    inside[12] = 0
    expect(outlineRings(inside, { rows: 5, columns: 5 })).toHaveLength(2)
  })
})

describe('drawOutlines', () => {
  it('draws each structure on the slice with its name and its letter', () => {
    const { lines, letters } = drawOutlines(tile, styles, view)
    expect([...lines.markup.matchAll(/<title>(.*?)<\/title>/g)].map(([, name]) => name)).toEqual([
      'PTV70',
      'SpinalCord',
    ])
    expect([...letters.markup.matchAll(/>(\w)<\/text>/g)].map(([, letter]) => letter)).toEqual([
      'a',
      'b',
    ])
  })

  it('places no letter on another', () => {
    const [first] = tile.outlined ?? []
    const same = ['PTV70', 'SpinalCord'].map((name) => ({ ...first!, name }))
    const { letters } = drawOutlines({ ...tile, outlined: same }, styles, view)
    const places = [...letters.markup.matchAll(/<text x="([\d.]+)" y="([\d.]+)"/g)]
    const [a, b] = places.map(([, x, y]) => [Number(x), Number(y)] as const)
    expect(Math.hypot(a![0] - b![0], a![1] - b![1])).toBeGreaterThan(6)
  })

  it('draws nothing for a plan without outlines', () => {
    const { lines, letters } = drawOutlines({ ...tile, outlined: null }, styles, view)
    expect(lines.markup + letters.markup).toBe('')
  })
})
