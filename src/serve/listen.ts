import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { randomBytes } from 'node:crypto'
import { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import { createExplorer, type ExplorerOptions } from './app.js'
import { LOOPBACK } from './guard.js'
import { makeReadOnly } from './read-only.js'
import { warmUp } from './warm-up.js'

export interface ListenOptions extends Pick<ExplorerOptions, 'version' | 'onError' | 'assets'> {
  /** Address or name to listen on. (Default: 127.0.0.1) */
  host?: string
  /** 0 selects a free port. (Default: 8047) */
  port?: number
  /** Token that clients must know. (Default: none on a loopback address, elsewhere a random one) */
  token?: string
  /** Longest time of a statement, in milliseconds. (Default: 20,000) */
  timeoutMs?: number
}

/** A running server. */
export interface Listening {
  readonly port: number
  /** Address to open, with the token if there is one. */
  readonly url: string
  close(): Promise<void>
}

export const USUAL_PORT = 8047

/**
 * Serves the explorer on a store, and makes the store read-only.
 *
 * @throws LshError `bad_usage` for a port in use or an address of another machine
 */
export async function listen(store: Store, options: ListenOptions): Promise<Listening> {
  const { host = '127.0.0.1', port = USUAL_PORT, timeoutMs = 20_000, ...rest } = options
  const local = isLoopback(host)
  const token = options.token ?? (local ? null : randomBytes(18).toString('base64url'))
  makeReadOnly(store, { timeoutMs })
  const bracketed = host.includes(':') ? `[${host}]` : host
  const explorer = createExplorer(store, {
    ...rest,
    timeoutMs,
    token,
    hosts: [...LOOPBACK, bracketed.toLowerCase()],
    cookie: `pg_lsh_${port}`,
  })
  const answer = getRequestListener((request) => explorer.app.fetch(request))
  const server = createServer((request, response) => void answer(request, response))
  // Closes connections of clients that send nothing, or only a byte now and then.
  server.requestTimeout = 60_000
  server.headersTimeout = 15_000
  await started(server, host, port).catch((error: unknown) => {
    explorer.close()
    throw error
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const warm = warmUp(store, (path) =>
    explorer.app.request(`http://localhost:${bound}/api/v1${path}`, { headers }),
  ).catch((error: unknown) => options.onError?.(error))
  const shown = ['0.0.0.0', '[::]'].includes(bracketed) ? 'localhost' : bracketed
  const query = token === null ? '' : `?token=${encodeURIComponent(token)}`
  return {
    port: bound,
    url: `http://${shown}:${bound}/${query}`,
    close: async () => {
      await ended(server)
      await warm
      explorer.close()
    },
  }
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function started(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hints: Record<string, string> = {
        EADDRINUSE: 'Give another with --port, or --port 0 for any that is free.',
        EACCES: 'Give a port above 1023 with --port.',
        EADDRNOTAVAIL: 'Give an address of this machine with --host, as 127.0.0.1.',
        ENOTFOUND: 'Give an address of this machine with --host, as 127.0.0.1.',
      }
      const hint = hints[cause.code ?? '']
      if (hint === undefined) {
        reject(cause)
        return
      }
      reject(
        new LshError('bad_usage', `cannot listen at ${host} port ${port}: ${cause.code ?? ''}`, {
          hint,
          cause,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
}

/** Closes idle connections at once, and waits a limited time for requests in progress. */
function ended(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeIdleConnections()
    setTimeout(() => {
      server.closeAllConnections()
    }, 2000).unref()
  })
}
