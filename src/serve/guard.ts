import { timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import { answerProblem } from './problem.js'

export interface GuardOptions {
  /** Host names and addresses of the server, without port. */
  hosts: readonly string[]
  /** Token that clients must know; null admits every client. */
  token: string | null
  /** Name of the cookie; it contains the port, because cookies do not distinguish ports. */
  cookie: string
}

/** Names of this machine that are not resolved by a name server. */
export const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * Admits only requests that address this server by its own name, come from its own pages, and know the token, if there
 * is one. A foreign page whose name was made to resolve to this machine (DNS rebinding) still sends that name.
 */
export function guard({ hosts, token, cookie }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const host = hostOf(context.req.header('host'))
    // A client that knows the token is not a foreign page, whatever name a proxy or machine uses.
    if (token === null && !hosts.includes(host))
      throw new HTTPException(403, { message: 'this server does not have that name' })
    const site = context.req.header('sec-fetch-site')
    const navigates =
      context.req.method === 'GET' && context.req.header('sec-fetch-mode') === 'navigate'
    if (site === 'cross-site' && !navigates)
      throw new HTTPException(403, { message: 'pages of other sites may not use this server' })
    if (token !== null) {
      const url = new URL(context.req.url)
      const given = url.searchParams.get('token')
      if (given !== null && sameText(given, token)) {
        setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
        // Removed from the address, so that it is not shared with it.
        url.searchParams.delete('token')
        return context.redirect(url.pathname + url.search)
      }
      const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1]
      const known = bearer ?? getCookie(context, cookie) ?? ''
      if (!sameText(known, token))
        return answerProblem(context, {
          status: 401,
          title: 'No token',
          detail: 'this server requires a token',
          code: 'http_401',
          hint: 'Open the address that "pg-lsh serve" printed, or send "Authorization: Bearer TOKEN".',
        })
    }
    await next()
  }
}

/** Host of a header, in lower case, without the port. */
function hostOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d*$/, '')
}

/** Compares two texts in constant time. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Only scripts and styles of this server, and nothing from other hosts. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers that restrict what a browser may do with the answers. */
export function safeHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next()
    const { headers } = context.res
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY)
    headers.set('x-content-type-options', 'nosniff')
    headers.set('referrer-policy', 'no-referrer')
    headers.set('cross-origin-resource-policy', 'same-origin')
    headers.set('cross-origin-opener-policy', 'same-origin')
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  }
}
