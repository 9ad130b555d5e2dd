import { useEffect, useState } from 'preact/hooks'

/** Where one is: everything that a page shows follows from it, so that an address can be shared. */
export interface Address {
  readonly path: string
  readonly parameters: URLSearchParams
}

const MOVED = 'explorer:moved'

function current(): Address {
  return { path: location.pathname, parameters: new URLSearchParams(location.search) }
}

/** The address, kept in step with the browser. */
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

/** An address of this application; parameters without a value are left out. */
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

/** Goes to another address, as a link does. */
export function goTo(address: string): void {
  history.pushState(null, '', address)
  dispatchEvent(new Event(MOVED))
}

/** Changes parameters in place: null takes one out. What a control turns is no step to go back over. */
export function setParameters(changes: Record<string, string | number | null>): void {
  const { path, parameters } = current()
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') parameters.delete(name)
    else parameters.set(name, String(value))
  const text = parameters.toString()
  history.replaceState(null, '', text === '' ? path : `${path}?${text}`)
  dispatchEvent(new Event(MOVED))
}
