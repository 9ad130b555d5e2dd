import { describe, expect, it } from 'vitest'
import { escapeMarkup, markup } from '../../../src/report/drawing/markup.js'

describe('markup', () => {
  it('escapes what is put in and keeps what is written', () => {
    const { markup: html } = markup`<p title="${'"a"'}">${"<b>'&"}</p>`
    expect(html).toBe('<p title="&quot;a&quot;">&lt;b&gt;&#39;&amp;</p>')
  })

  it('keeps markup that is put in, alone or in a row', () => {
    const items = ['<', '>'].map((text) => markup`<li>${text}</li>`)
    expect(markup`<ul>${items}${markup`<hr>`}</ul>`.markup).toBe(
      '<ul><li>&lt;</li>\n<li>&gt;</li><hr></ul>',
    )
  })

  it('does not read escapes or patterns in what is put in', () => {
    expect(markup`<i>${'\\n $& ${x}'}</i>`.markup).toBe('<i>\\n $&amp; ${x}</i>')
  })
})

describe('escapeMarkup', () => {
  it('drops control characters but keeps white space', () => {
    expect(escapeMarkup('a\u0000\u001b[1m\u0085\tb\r\nc')).toBe('a[1m\tb\n\nc')
  })
})
