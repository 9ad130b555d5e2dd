import { parseHTML } from 'linkedom'

/** As much of a browser's document as tests look at; without a browser there are no types of one. */
export interface PageElement {
  readonly textContent: string
  readonly dataset: Readonly<Record<string, string>>
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number }
  dispatchEvent(event: Event): boolean
}

/** Reads a page, or a part of one. */
export function pageDocument(html: string): PageElement {
  return (parseHTML(html) as { document: PageElement }).document
}

/** An event of that type as the elements of such a page take it. */
export function pageEvent(type: string, properties: object): Event {
  const { Event } = parseHTML('') as { Event: new (type: string) => Event }
  return Object.assign(new Event(type), properties)
}
