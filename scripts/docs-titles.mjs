// A plugin of typedoc: pages of docs/ go by their headings, not by the names of their files.
import { Converter } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [, title] = /^# (.+)$/m.exec(document.content.map(({ text }) => text).join('')) ?? []
    if (title) document.name = title.replaceAll('`', '')
  })
}
