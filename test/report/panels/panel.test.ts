import { describe, expect, it } from 'vitest'
import { renderPanel } from '../../../src/report/panels/panel.js'
import { phantomNeighbour, phantomTile } from '../phantom.js'

const query = phantomTile(1)

function render(...neighbours: ReturnType<typeof phantomNeighbour>[]): string {
  const { markup } = renderPanel(
    { space: 'ct_shallow', title: 'Neck', onePerPatient: true, query, neighbours },
    3,
  )
  return markup.replace(/\s+/g, ' ')
}

describe('renderPanel', () => {
  it('draws the query and every neighbour at the same scale', () => {
    const html = render(phantomNeighbour(2), phantomNeighbour(3, { pixelMm: [9, 9] }))
    const views = [...html.matchAll(/class="slice" viewBox="(.*?)"/g)].map(([, view]) => view)
    expect(views).toHaveLength(3)
    expect(new Set(views).size).toBe(1)
  })

  it('says in words whether each neighbour is a hit', () => {
    const html = render(phantomNeighbour(2), phantomNeighbour(3, { hit: false }))
    expect(html).toContain('<div class="cell hit">')
    expect(html).toContain('<b>1</b> ✓ hit: one of the exact 2 nearest patients')
    expect(html).toContain('<div class="cell miss">')
    expect(html).toContain('<b>2</b> ✗ miss: not one of the exact 2 nearest patients')
    expect(html).toContain('nearest first; hits: 1 of 2.')
  })

  it('states plan, prescription, slice, level and distances', () => {
    const html = render(phantomNeighbour(2))
    expect(html).toContain('<span class="plan">train-pats/pt_2</span>, prescribed 70 Gy')
    expect(html).toContain('<p>slice 41</p>')
    expect(html).toContain('<p>slice 42, level unknown</p>')
    expect(html).toContain('distance 0.500, Hamming 6 of 64 bits')
  })

  it('compares levels of aligned patients, and positions within one plan', () => {
    const own = phantomTile(1, { levelMm: -12 })
    const neighbours = [
      phantomNeighbour(2, { levelMm: -5.2 }),
      phantomNeighbour(3, { plan: own.plan }),
    ]
    const html = renderPanel(
      { space: 's', title: 't', onePerPatient: true, query: own, neighbours },
      1,
    ).markup
    expect(html).toContain('slice 42, level +7 mm')
    expect(html).toContain('slice 43, level +5.0 mm')
  })

  it('has one legend with the dose of every prescription', () => {
    const html = render(phantomNeighbour(2), phantomNeighbour(3, { prescriptionGy: 60 }))
    expect(html).toContain('the prescribed dose of the plan, 70 / 60 Gy')
    expect(html).toContain(' 66.5 / 57.0 Gy (95 %)</li>')
  })

  it('says whether it shows one slice of each patient', () => {
    expect(render(phantomNeighbour(2))).toContain('only the nearest slice of each patient')
    const all = renderPanel(
      { space: 's', title: 't', onePerPatient: false, query, neighbours: [phantomNeighbour(2)] },
      1,
    )
    expect(all.markup).toContain('all slices, including several of one patient')
  })

  it('draws the histograms of a neighbour as broken lines over those of the query', () => {
    const html = render(phantomNeighbour(2))
    const charts = html.split('<div class="dvh">').slice(1)
    expect(charts).toHaveLength(2)
    expect(charts[0]).not.toContain('stroke-dasharray="6 4"')
    expect(charts[1]?.match(/stroke-dasharray="6 4"/g)).toHaveLength(2)
    expect(charts[1]).toContain('dose in Gy')
    expect(charts[1]).toContain('volume in % of the structure')
  })

  it('says that a plan without dose has no histograms', () => {
    const bare = phantomNeighbour(2)
    const image = { ...bare.image, dose: null }
    const structures = bare.structures.map((one) => ({ ...one, meanGy: null, dvh: null }))
    const html = render({ ...bare, image, structures })
    expect(html).toContain('A plan without dose has no dose-volume histograms.')
  })

  it('says how many plans have no outlines', () => {
    const html = render(phantomNeighbour(2, { outlined: null }))
    expect(html).toContain('1 of the plans were stored without outlines')
  })

  it('is numbered and ends its title with a full stop', () => {
    expect(render()).toContain('<strong>Figure 3.</strong> Neck. Query slice')
  })
})
