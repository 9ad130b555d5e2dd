import { useEffect, useState } from 'preact/hooks'

/** Everything that a page shows follows from its address, so that it can be shared. */
export interface Address {
  readonly path: string
  readonly parameters: URLSearchParams
}

const MOVED = 'explorer:moved'

function current(): Address {
  return { path: location.pathname, parameters: new URLSearchParams(location.search) }
}

/** The current address, updated when the browser navigates. */
export function useAddress(): Address {
  const [address, setAddress] = useState(current)
  useEffect(() => {
    const follow = () => setAddress(current())
    addEventListener('popstate', follow)
    addEventListener(MOVED, follow)
    return () => {
      removeEventListener('popstate', follow)
      removeEventListener(MOVED, follow)
    }
  }, [])
  return address
}

/** An address of this application, without parameters that have no value. */
export function addressOf(
  path: string,
  parameters: Record<string, string | number | null | undefined> = {},
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Navigates to another address, as a link does. */
export function goTo(address: string): void {
  history.pushState(null, '', address)
  dispatchEvent(new Event(MOVED))
}

/** Changes parameters in place; null removes one. Changes by controls are no entries of the history. */
export function setParameters(changes: Record<string, string | number | null>): void {
  const { path, parameters } = current()
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') parameters.delete(name)
    else parameters.set(name, String(value))
  const text = parameters.toString()
  history.replaceState(null, '', text === '' ? path : `${path}?${text}`)
  dispatchEvent(new Event(MOVED))
}
