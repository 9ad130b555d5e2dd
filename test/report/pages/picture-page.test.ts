import { expect, it } from 'vitest'
import { renderPicturePage } from '../../../src/report/pages/picture-page.js'

const tile = { preview: Uint8Array.of(1, 2), label: 'a<b', source: 'tile 1', key: 'a/1.png' }

it('renderPicturePage shows query, neighbours, classes and figures, and escapes text from files', () => {
  const page = renderPicturePage({
    title: 'Similar images',
    facts: [['Seed', '1']],
    figures: [
      {
        space: 'image_deep',
        by: 'true distance',
        precisionAt10: { mean: 0.9, low: 0.8, high: 0.95 },
        map: { mean: 0.5, low: null, high: null },
        nearest: null,
        duplicates: null,
      },
    ],
    panels: [
      {
        space: 'image_deep',
        query: tile,
        neighbours: [
          { ...tile, key: 'a/2.png', distance: 1.5, hamming: 3, bits: 64, hit: true },
          { ...tile, label: 'c', distance: 2, hamming: null, bits: 64, hit: false },
        ],
      },
    ],
    statement: 'select 1;',
  })
  expect(page).toContain('data:image/png;base64,AQI=')
  expect(page).toContain('a&lt;b')
  expect(page).not.toContain('a<b')
  expect(page).toContain('= <b>a&lt;b</b>')
  expect(page).toContain('≠ <b>c</b>')
  expect(page).toContain('hits: 1 of 2')
  expect(page).toContain('1 of 2.</figcaption>')
  expect(page).toContain('0.900 [0.800, 0.950]')
  expect(page).toContain('<td>–</td>')
})
