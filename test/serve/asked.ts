import { createExplorer, type Explorer } from '../../src/serve/app.js'
import type { Store } from '../../src/store/connection/connect.js'

/** An explorer on a store, for requests without a network. */
export function explorerOn(store: Store, token: string | null = null): Explorer {
  return createExplorer(store, {
    version: '0.0.0',
    timeoutMs: 20_000,
    hosts: ['localhost'],
    token,
    cookie: 'made',
    onError: (error) => {
      throw error
    },
  })
}

/** Requests a path below /api/v1. */
export async function get(explorer: Explorer, path: string): Promise<Response> {
  return explorer.app.request(`http://localhost/api/v1${path}`, { headers: { host: 'localhost' } })
}

/** The JSON of a response; throws if the status is not 200. */
export async function ask<T>(explorer: Explorer, path: string): Promise<T> {
  const response = await get(explorer, path)
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
