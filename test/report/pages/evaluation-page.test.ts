import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/compare/bootstrap.js'
import { svgFile } from '../../../src/report/drawing/chart.js'
import { renderEvaluationPage } from '../../../src/report/pages/evaluation-page.js'
import { SECTIONS, sectionNumber } from '../../../src/report/figures/evaluation-sections.js'
import { TURNING_VOLUME_SCRIPT } from '../../../src/report/panels/turning-volume-script.js'
import { madeUpRun, madeUpSpace } from '../evaluation.js'
import { expectGolden } from '../golden.js'

const HOSTILE = `"'></code></title></style><script>alert(1)</script><img src=x onerror=y>&`

describe('renderEvaluationPage', () => {
  const { html, figures } = renderEvaluationPage([madeUpRun()])

  it('renders the page of the golden file', () => {
    expectGolden('evaluation-page.html', html)
  })

  it('renders the same page twice', () => {
    expect(renderEvaluationPage([madeUpRun()]).html).toBe(html)
  })

  it('returns each figure as a standalone file with a name of its own', () => {
    expect(figures.map(({ file }) => file)).toEqual([
      '1-reconstruction-ct_shallow',
      '2-hamming-ct_shallow',
      '2-training-ct_shallow',
      '3-retrieval-ct_shallow-1',
      '4-bits-ct_shallow',
      '4-ranked-ct_shallow',
      '4-same-patient-ct_shallow',
      '5-retrieved-ct_shallow',
      '6-search-ct_shallow',
      '7-predictions',
      '7-across-patients',
      '7-plans-ct_shallow',
      '8-codes-ct_shallow',
    ])
    for (const { drawing } of figures) {
      const file = svgFile(drawing)
      expect(file).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>:root/)
      expect(file).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  it('has the numbers of each figure in rows with the same columns', () => {
    for (const { rows } of figures) {
      expect(rows.length).toBeGreaterThan(0)
      expect(new Set(rows.map((row) => Object.keys(row).join())).size).toBe(1)
    }
  })

  it('refers to nothing outside itself, and its only script turns volumes', () => {
    const own = html
      .replace(/href="data:image\/png;base64,[A-Za-z0-9+/=]+"/g, '')
      .replaceAll('http://www.w3.org/', '')
      .replace(`<script>\n${TURNING_VOLUME_SCRIPT}</script>`, '')
    expect(own).not.toMatch(/http|src=|href="[^#]|url\(|@import|<script|<link/i)
  })

  it('begins with a paragraph of results, and links to all sections', () => {
    const text = html.replace(/\s+/g, ' ')
    expect(text).toMatch(/<p class="summary"><strong>In short\.<\/strong> The doses of the 5 plans/)
    expect(text).toContain('within 4.00 Gy (dose score, 95 % 3.60 to 4.40)')
    expect(text).toContain('is 8.0 mm from the level of the query (median) in ct_shallow')
    const links = [...html.matchAll(/<a href="#([^"]+)">/g)].map(([, id]) => id)
    expect(links).toHaveLength(SECTIONS.length + 2)
    for (const id of links) expect(html).toContain(`<section id="${id}">`)
    expect(text).toContain(`see section ${sectionNumber('search')}.`)
  })

  it('names the ways to predict that differ significantly from the reference', () => {
    const text = html.replace(/\s+/g, ' ')
    expect(text).toContain('plan_structures is significantly better than random (p &lt; 0.05')
    expect(text).toContain('Each of 8 plans is a query once, in 2 folds of patients')
  })

  it('states what a reviewer needs to repeat the run', () => {
    for (const fact of [
      'Run 7',
      'sha256 cccccccccccccccc',
      'sha256 ffffffffffffffff',
      'γ 1.25',
      'ties by key',
      'bootstrap resamples of patients',
      '8 queries of 2 held-out patients',
      'pg-lsh',
      '0.0.0',
    ])
      expect(html).toContain(fact)
  })

  it('escapes hostile text everywhere', () => {
    const tags = (text: string) => text.match(/<[^>]*>/g)?.map((tag) => tag.replace(/".*?"/g, '""'))
    const filled = (text: string) =>
      renderEvaluationPage([
        {
          ...madeUpRun({ dataset: text, versions: { [text]: text } }),
          notes: [text],
        },
      ]).html
    expect(tags(filled(HOSTILE))).toEqual(tags(filled('harmless')))
  })

  it('draws two runs beside each other with their differences', () => {
    const better = madeUpSpace()
    const later = madeUpRun({
      id: 8,
      spaces: [
        {
          ...better,
          agreement: better.agreement.map((one) => ({
            ...one,
            dice: { ...one.dice, mean: one.dice.mean + 0.1 },
          })),
        },
      ],
    })
    const page = renderEvaluationPage([madeUpRun(), later])
    expect(page.html.match(/<div class="beside">/g)).toHaveLength(figures.length)
    expect(page.html).toContain('Two evaluations of phantoms')
    expect(page.html.match(/<td>\+0\.100<\/td>/g)).toHaveLength(4)
    expect(new Set(page.figures.map(({ file }) => file)).size).toBe(2 * figures.length)
  })

  it('shows no interval for one patient, and says so in tables, captions and charts', () => {
    const alone = (one: Estimate) => ({ mean: one.mean, low: null, high: null })
    const space = madeUpSpace()
    const { nearest, five, random, best } = space.plans!
    const run = madeUpRun({
      spaces: [
        {
          ...space,
          agreement: space.agreement.map((one) => ({
            ...one,
            dice: alone(one.dice),
            jaccard: alone(one.jaccard),
          })),
          ranked: space.ranked!.map((one) => ({ ...one, dice: alone(one.dice) })),
          search: space.search.map((one) => ({ ...one, recall: alone(one.recall) })),
          plans: {
            ...space.plans!,
            nearest: alone(nearest),
            five: alone(five),
            random: alone(random),
            best: alone(best),
          },
        },
      ],
    })
    const spaces = run.evaluation.across_patients.spaces.map((one) => ({
      ...one,
      intervals: Object.fromEntries(Object.keys(one.intervals).map((key) => [key, null])),
    }))
    const page = renderEvaluationPage([
      { ...run, evaluation: { ...run.evaluation, across_patients: { spaces, notes: [] } } },
    ])
    const drawn = page.figures.map(({ file, drawing }) => [file, drawing.svg] as const)
    const telling = drawn.filter(([, svg]) => svg.includes('one patient: no interval'))
    expect(telling.map(([file]) => file)).toEqual([
      '4-ranked-ct_shallow',
      '4-same-patient-ct_shallow',
      '5-retrieved-ct_shallow',
      '6-search-ct_shallow',
      '7-across-patients',
      '7-plans-ct_shallow',
    ])
    for (const [, svg] of drawn) expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(page.html.match(/<small>one patient<\/small>/g)).toHaveLength(4)
    expect(page.html).toContain('Dice@10, no 95 % interval for a single patient.')
    for (const { rows } of page.figures)
      for (const row of rows)
        for (const [name, value] of Object.entries(row))
          if (/(^|_)(low|high)$/.test(name)) expect(value, name).toBeNull()
  })

  it('says how to create an index for a space without one', () => {
    const bare = madeUpRun({ spaces: [madeUpSpace({ search: [], plans: null })] })
    expect(renderEvaluationPage([bare]).html).toContain('pg-lsh index create')
  })
})
