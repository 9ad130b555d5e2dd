import { describe, expect, it } from 'vitest'
import {
  renderReconstructionPage,
  type ReconstructionPage,
} from '../../../src/report/pages/reconstruction-page.js'
import { pageDocument } from '../page-document.js'

function page(notice: string | null): ReconstructionPage {
  return {
    title: 'Reconstructions by <ct>',
    lead: 'Encoder <ct> keeps 4 numbers.',
    notice,
    slices: [
      {
        encoder: 'ct',
        channel: 'ct',
        unit: 'HU',
        size: 2,
        low: -1000,
        high: 1500,
        slices: [1, 2].map((number) => ({
          plan: `pt_${number}`,
          sliceIndex: number,
          input: Float32Array.of(-1000, 0, 40, 1500),
          output: Float32Array.of(-900, 0, 40, 1400),
          quality: {
            psnr_body_db: 20.12,
            psnr_whole_db: 30.12,
            ssim_body: 0.7,
            ssim_whole: 0.9,
          },
        })),
        summary: 'Two slices.',
      },
    ],
    volumes: [
      {
        title: 'Plan pt_1',
        caption: 'One slice.',
        columns: 2,
        rows: 2,
        slices: 1,
        voxelMm: [4, 4, 3],
        low: -1000,
        high: 1500,
        volumes: [
          { label: 'input', values: Float32Array.of(-1000, 0, 40, 1500) },
          { label: 'output', values: Float32Array.of(-900, 0, 40, 1400) },
        ],
        surfaces: [{ value: 200, label: 'bone (200 HU)', colour: '#f2ead8', opacity: 1 }],
      },
    ],
  }
}

describe('renderReconstructionPage', () => {
  const html = renderReconstructionPage(page(null))
  const document = pageDocument(html)

  it('shows input, output and error map of each slice with PSNR and SSIM, inside the body and over the whole slice', () => {
    const drawing = document.querySelector('#figure-1 svg')
    expect(drawing?.querySelectorAll('image').length).toBe(6)
    for (const text of [
      'input',
      'output minus input',
      'pt_2, slice 2',
      'PSNR 20.1 dB inside the body, 30.1 dB over the whole slice',
      'SSIM 0.700 inside the body, 0.900 over the whole slice',
    ])
      expect(drawing?.textContent).toContain(text)
  })

  it('shows the volume as input and output, with one script that turns both', () => {
    expect(document.querySelectorAll('#figure-2 canvas').length).toBe(2)
    expect(document.querySelectorAll('script').length).toBe(1)
  })

  it('fetches nothing', () => {
    const sources = [...html.matchAll(/\b(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)]
    expect(sources.map(([, source]) => source?.slice(0, 15))).toEqual(
      Array(6).fill('data:image/png;'),
    )
    expect(html).not.toMatch(/https?:|fetch\(|import\(/)
  })

  it('shows a notice only if there is one', () => {
    expect(html).not.toContain('class="notice"><strong>')
    expect(renderReconstructionPage(page('Seen <before>.'))).toContain('Seen &lt;before&gt;.')
    expect(html).toContain('Encoder &lt;ct&gt; keeps')
  })
})
