import { describe, expect, it } from 'vitest'
import { renderTile, renderTileFile } from '../../../src/report/panels/tile.js'
import { sharedView, viewOrigin } from '../../../src/report/panels/view.js'
import { expectGolden } from '../golden.js'
import { flatImage, phantomTile } from '../phantom.js'

describe('renderTile', () => {
  it('draws the picture of the golden file', () => {
    expectGolden('tile.svg', renderTileFile(phantomTile(1)))
  })

  it('draws the CT and the isodose lines at the same scale', () => {
    const { markup } = renderTile(phantomTile(1))
    expect(markup).toContain('<image width="192" height="168" preserveAspectRatio="none"')
    expect(markup.match(/translate/g)).toHaveLength(1)
  })

  it('labels every isodose line in Gy and percent', () => {
    const { markup } = renderTile(phantomTile(1))
    const titles = [...markup.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title)
    expect(titles).toContain('66.5 Gy (95 %)')
    expect(titles).toHaveLength(7)
  })

  it('marks front, back, right and left of the patient, and a length of 50 mm', () => {
    const { markup } = renderTile(phantomTile(1))
    const texts = [...markup.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)<\/text>/g)]
    const places = new Map(texts.map(([, x, y, text]) => [text, { x: Number(x), y: Number(y) }]))
    const at = (name: string) => places.get(name) ?? { x: NaN, y: NaN }
    expect(at('A').y).toBeLessThan(at('P').y)
    expect(at('R').x).toBeLessThan(at('L').x)
    expect(places.has('50 mm')).toBe(true)
    expect(markup).toContain('h50m0')
  })

  it('refuses rasters whose size does not match their rows and columns', () => {
    const image = { ...flatImage(4, 4), dose: new Float32Array(15) }
    const tile = phantomTile(1, { image })
    expect(() => renderTile(tile)).toThrow('16 CT and 15 dose values for 4 × 4 pixels')
  })
})

describe('sharedView', () => {
  const small = phantomTile(1, { pixelMm: [8, 8] })
  const large = phantomTile(1, { pixelMm: [20, 20] })

  it('contains the largest body with a margin', () => {
    const view = sharedView([small, large])
    expect(view).toEqual(sharedView([large]))
    expect(view.widthMm).toBeGreaterThan(400)
    expect(view.widthMm).toBeLessThan(500)
  })

  it('has the body of each slice in its centre', () => {
    const view = sharedView([small, large])
    const origin = viewOrigin(small, view)
    expect(origin.x + view.widthMm / 2).toBe(16 * 8)
    expect(origin.y + view.heightMm / 2).toBe(12 * 8)
  })

  it('leaves space for the scale bar beside a small body', () => {
    expect(sharedView([phantomTile(1, { pixelMm: [2, 2] })]).widthMm).toBe(185)
  })
})
