import { describe, expect, it } from 'vitest'
import type { RetrievalPage } from '../../../src/report/pages/retrieval-page.js'
import { renderRetrievalPage } from '../../../src/report/pages/retrieval-page.js'
import { expectGolden } from '../golden.js'
import { phantomPage } from '../phantom.js'

const HOSTILE = `"'></code></title></style><script>alert(1)</script><img src=x onerror=y>&`

describe('renderRetrievalPage', () => {
  it('renders the page of the golden file', () => {
    expectGolden('retrieval-page.html', renderRetrievalPage(phantomPage()))
  })

  it('renders the same page twice', () => {
    expect(renderRetrievalPage(phantomPage())).toBe(renderRetrievalPage(phantomPage()))
  })

  it('refers to nothing outside itself', () => {
    const html = renderRetrievalPage(phantomPage())
    const withoutPictures = html.replace(/href="data:image\/png;base64,[A-Za-z0-9+/=]+"/g, '')
    expect(withoutPictures).not.toMatch(/http|src=|href=|url\(|@import|<script|<link|\/\//i)
  })

  it('escapes hostile text in every field', () => {
    const tags = (html: string) => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/".*?"/g, '""'))
    const harmless = renderRetrievalPage(fill('harmless'))
    const hostile = renderRetrievalPage(fill(HOSTILE))
    expect(tags(hostile)).toEqual(tags(harmless))
    expect(hostile.split('&quot;&#39;&gt;&lt;/code&gt;').length).toBe(
      harmless.split('harmless').length,
    )
  })

  it('states every level of the isodose lines in Gy and percent', () => {
    const html = renderRetrievalPage(phantomPage())
    for (const percent of [30, 50, 70, 90, 95, 100, 107]) {
      expect(html).toMatch(new RegExp(`[\\d.]+ / [\\d.]+ Gy \\(${percent} %\\)</li>`))
    }
  })

  it('numbers figures, tables and listings', () => {
    const page = phantomPage()
    const html = renderRetrievalPage({ ...page, panels: [...page.panels, ...page.panels] })
    const numbered = [...html.matchAll(/<strong>((?:Figure|Table|Listing) \d)\.<\/strong>/g)]
    const names = numbered.map(([, name]) => name)
    expect(names).toEqual(['Figure 1', 'Figure 2', 'Table 1', 'Listing 1', 'Table 2'])
  })

  it('has no note if there are no remarks', () => {
    expect(renderRetrievalPage({ ...phantomPage(), notice: null })).not.toContain('class="notice"')
  })

  it('shows statements in a form that can be pasted', () => {
    const html = renderRetrievalPage(phantomPage())
    expect(html).toContain('<pre><code>select 1\nwhere 1 &lt; 2;</code></pre>')
  })
})

/** The page with one text in every field that takes text. */
function fill(text: string): RetrievalPage {
  const page = phantomPage()
  return {
    title: text,
    notice: text,
    facts: [[text, text]],
    figures: page.figures.map((row) => ({ ...row, space: text })),
    panels: page.panels.map((panel) => ({
      space: text,
      title: `${text}.`,
      onePerPatient: panel.onePerPatient,
      query: { ...panel.query, plan: text },
      neighbours: panel.neighbours.map((neighbour) => ({ ...neighbour, plan: text })),
    })),
    sql: [{ title: text, statement: text }],
  }
}
