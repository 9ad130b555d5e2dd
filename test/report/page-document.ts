import { parseHTML } from 'linkedom'

/** The part of a browser's document that tests use, as its types are not available here. */
export interface PageElement {
  readonly textContent: string
  readonly dataset: Readonly<Record<string, string>>
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number }
  dispatchEvent(event: Event): boolean
}

/** Parses a page or a part of one. */
export function pageDocument(html: string): PageElement {
  return (parseHTML(html) as { document: PageElement }).document
}

/** An event of the given type for elements of a parsed page. */
export function pageEvent(type: string, properties: object): Event {
  const { Event } = parseHTML('') as { Event: new (type: string) => Event }
  return Object.assign(new Event(type), properties)
}
