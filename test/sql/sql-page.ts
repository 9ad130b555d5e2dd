/** The contents of docs/sql.md: sections on the functions and views of the extension. */
import { fencedBlocks } from '../cli/readme.js'

/** The section of a function or a view. */
export interface Section {
  /** `schema.name` */
  readonly name: string
  /** Signatures as `\df` shows them, one line each; a view has none. */
  readonly signatures: readonly string[]
  readonly parameters: readonly string[]
  /** Columns of a view, or of the rows that a function returns. */
  readonly columns: readonly string[]
  /** SQLSTATEs that the section names. */
  readonly errors: readonly string[]
}

/** The sections of a page, in order. */
export function sectionsOf(page: string): Section[] {
  return page
    .split(/^##+ /m)
    .filter((text) => /^(lsh|cbir)\.\w+\n/.test(text))
    .map((text) => ({
      name: text.slice(0, text.indexOf('\n')),
      signatures: fencedBlocks(text)
        .filter(({ language }) => language === 'text')
        .map((block) => oneLine(block.text)),
      parameters: listed(text, /^Parameters:/),
      columns: listed(text, /^(Returns .*|Columns):/),
      errors: [...(/^Errors:[^]*?\n\n/m.exec(text)?.[0].matchAll(/`([0-9A-Z]{5})`/g) ?? [])].map(
        ([, code = '']) => code,
      ),
    }))
}

/** Anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

export const oneLine = (text: string) =>
  text.trim().replace(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')')

/** Names in backticks at the start of the items of the list after a paragraph. */
function listed(text: string, label: RegExp): string[] {
  const paragraphs = text.split('\n\n')
  const at = paragraphs.findIndex((one) => label.test(oneLine(one)) && one.trimEnd().endsWith(':'))
  const list = at === -1 ? '' : (paragraphs[at + 1] ?? '')
  return list.split(/^- /m).flatMap((item) => {
    const [, names = ''] = /^((?:`\w+`[, ]*)+):/.exec(oneLine(item)) ?? []
    return [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
  })
}
