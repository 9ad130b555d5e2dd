import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isLoopback, listen } from '../../src/serve/listen.js'
import { problemOf } from '../../src/serve/problem.js'
import { useTestDatabase } from '../database.js'
import { explorerOn } from './asked.js'

const database = useTestDatabase()

const about = (token: string | null, headers: Record<string, string>, query = '') =>
  explorerOn(database.store, token).app.request(`http://localhost/api/v1/about${query}`, {
    headers,
  })

describe('the guard', () => {
  it('answers only requests for its own host names, which prevents DNS rebinding', async () => {
    for (const [host, status] of [
      ['localhost', 200],
      ['LOCALHOST:8047', 200],
      ['attacker.example', 403],
      ['localhost.attacker.example:8047', 403],
      ['', 403],
    ] as const)
      expect((await about(null, { host })).status, host).toBe(status)
  })

  it('refuses requests from pages of other sites, but not navigation to it', async () => {
    const asked = (mode: string) =>
      about(null, { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode })
    expect((await asked('no-cors')).status).toBe(403)
    expect((await asked('navigate')).status).toBe(200)
  })

  it('requires the token if one is set, in a header, a cookie or the URL, which it moves into the cookie', async () => {
    const host = 'machine.example'
    expect((await about('secret', { host })).status).toBe(401)
    expect((await about('secret', { host, authorization: 'Bearer wrong!' })).status).toBe(401)
    expect((await about('secret', { host, authorization: 'Bearer secret' })).status).toBe(200)
    const moved = await about('secret', { host }, '?a=b&token=secret')
    expect(moved.status).toBe(302)
    expect(moved.headers.get('location')).toBe('/api/v1/about?a=b')
    const cookie = moved.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect((await about('secret', { host, cookie: cookie.split(';')[0] as string })).status).toBe(
      200,
    )
  })

  it('forbids browsers to load anything from other hosts', async () => {
    const { headers } = await about(null, { host: 'localhost' })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('problems', () => {
  it('never show messages of the database', () => {
    const state = (code: string) =>
      problemOf(
        Object.assign(new Error('secret words'), { severity: 'ERROR', code, hint: 'secret' }),
      )
    expect(state('42501').status).toBe(403)
    expect(state('57014').status).toBe(504)
    expect(state('22P02').status).toBe(400)
    expect(state('XX000').status).toBe(500)
    for (const code of ['42501', '57014', '22P02', 'XX000', '08006', '25006', '40001'])
      expect(JSON.stringify(state(code))).not.toContain('secret')
    expect(JSON.stringify(problemOf(new Error('secret words')))).not.toContain('secret')
  })
})

describe('listen', () => {
  it('treats only addresses that other machines cannot reach as local', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example'].some(isLoopback)).toBe(false)
  })

  it('reports a port in use, requires a token on 0.0.0.0 and makes sessions read-only', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const version = '0.0.0'
    await expect(listen(database.store, { port, version })).rejects.toThrow(/EADDRINUSE/)
    taken.close()
    const listening = await listen(database.store, { port: 0, version, host: '0.0.0.0' })
    expect(listening.url).toMatch(/^http:\/\/localhost:\d+\/\?token=.{24}$/)
    const page = await fetch(listening.url.replace('/?', '/api/v1/about?'), { redirect: 'manual' })
    expect(page.status).toBe(302)
    await listening.close()
    await expect(
      database.store.pool.query('create table public.written (a int)'),
    ).rejects.toMatchObject({ code: '25006' })
  })
})
