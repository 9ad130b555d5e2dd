import { describe, expect, it } from 'vitest'
import { escapeMarkup, markup } from '../../../src/report/drawing/markup.js'

describe('markup', () => {
  it('escapes inserted text and keeps the template', () => {
    const { markup: html } = markup`<p title="${'"a"'}">${"<b>'&"}</p>`
    expect(html).toBe('<p title="&quot;a&quot;">&lt;b&gt;&#39;&amp;</p>')
  })

  it('keeps inserted markup, alone or in a list', () => {
    const items = ['<', '>'].map((text) => markup`<li>${text}</li>`)
    expect(markup`<ul>${items}${markup`<hr>`}</ul>`.markup).toBe(
      '<ul><li>&lt;</li>\n<li>&gt;</li><hr></ul>',
    )
  })

  it('does not interpret escapes or patterns in inserted text', () => {
    expect(markup`<i>${'\\n $& ${x}'}</i>`.markup).toBe('<i>\\n $&amp; ${x}</i>')
  })
})

describe('escapeMarkup', () => {
  it('removes control characters but keeps white space', () => {
    expect(escapeMarkup('a\u0000\u001b[1m\u0085\tb\r\nc')).toBe('a[1m\tb\n\nc')
  })
})
