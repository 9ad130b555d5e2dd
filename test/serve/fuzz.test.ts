import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Explorer } from '../../src/serve/app.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'
import { ask, explorerOn, get } from './asked.js'

const database = useTestDatabase()
let explorer: Explorer

interface Schema {
  type?: string
  enum?: string[]
  minimum?: number
  maximum?: number
}
interface Parameter {
  name: string
  in: 'query' | 'path'
  required?: boolean
  schema: Schema
}
interface Description {
  openapi: string
  paths: Record<string, Record<string, { parameters?: Parameter[]; responses: object }>>
}

beforeAll(async () => {
  await makeSpace(database.store, { patients: 3, slices: 4 })
  await makeIndex(database.store, 'made', { bits: 16 })
  explorer = explorerOn(database.store)
})

/** Text for a parameter: mostly values that its schema allows, some that it does not. */
function valueOf({ type, enum: choices, minimum = 0, maximum = 1000 }: Schema, name: string) {
  const right =
    choices !== undefined
      ? fc.constantFrom(...choices)
      : name === 'space' || name === 'index'
        ? fc.constantFrom('made', 'other')
        : name === 'upload'
          ? fc.constant('0'.repeat(32))
          : type === 'integer' || type === 'number'
            ? fc
                .oneof(fc.integer({ min: 1, max: 14 }), fc.constantFrom(minimum, maximum))
                .map(String)
            : fc.constantFrom('made', 'head and neck', 'PTV70', "it's", '%', '')
  const wrong = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('-1', '1e309', 'NaN', '2147483648', "'; drop table cbir.item; --", '\0', '[]'),
  )
  return fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: wrong })
}

function addressOf(path: string, parameters: readonly Parameter[]) {
  const parts = parameters.map((parameter) =>
    fc
      .tuple(valueOf(parameter.schema, parameter.name), fc.integer({ min: 0, max: 9 }))
      .map(([value, dice]) => ({
        ...parameter,
        value,
        given: parameter.required === true || dice < 4,
      })),
  )
  return fc.tuple(...parts).map((given) => {
    const query = new URLSearchParams()
    let place = path
    for (const { name, in: where, value, given: is } of given)
      if (where === 'path')
        place = place.replace(`{${name}}`, encodeURIComponent(wellFormed(value)))
      else if (is) query.append(name, value)
    return `${place.replace('/api/v1', '')}?${query.toString()}`
  })
}

/** Replaces lone surrogates, which no URL can hold. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** Messages of PostgreSQL. */
const WORDS =
  /syntax error|relation "|column "|operator does not exist|invalid input syntax|SQLSTATE|permission denied/i

describe('the description of the API', () => {
  it('states its version and the responses of each path', async () => {
    const { openapi, paths } = await ask<Description>(explorer, '/openapi.json')
    expect(openapi).toBe('3.1.0')
    expect(Object.keys(paths)).toContain('/api/v1/search')
    for (const methods of Object.values(paths))
      for (const { responses } of Object.values(methods))
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '404', '504']))
  })

  it('holds for random requests: no internal error, and no message of PostgreSQL in a problem', async () => {
    const { paths } = await ask<Description>(explorer, '/openapi.json')
    const reading = Object.entries(paths).flatMap(([path, { get: read }]) =>
      read ? [addressOf(path, read.parameters ?? [])] : [],
    )
    const told = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(fc.oneof(...reading), async (address) => {
        const response = await get(explorer, address)
        told.set(response.status, (told.get(response.status) ?? 0) + 1)
        if (response.status === 200) return
        expect([400, 404, 409, 422], address).toContain(response.status)
        const problem = await response.text()
        expect(problem).not.toMatch(WORDS)
        expect(JSON.parse(problem)).toMatchObject({ status: response.status })
      }),
      { seed: 1, numRuns: 400 },
    )
    // Both valid and invalid requests occurred.
    expect(told.get(200)).toBeGreaterThan(50)
    expect(told.get(400)).toBeGreaterThan(50)
  })

  it('covers uploads: a file that is no image or is too large is refused', async () => {
    const send = (body: Uint8Array<ArrayBuffer>) =>
      explorer.app.request('http://localhost/api/v1/uploads', {
        method: 'POST',
        headers: { host: 'localhost', 'content-type': 'application/octet-stream' },
        body,
      })
    expect((await send(new Uint8Array(33 << 20))).status).toBe(413)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const response = await send(new Uint8Array(bytes))
        expect(response.status).toBe(422)
        expect(await response.json()).toMatchObject({ code: 'bad_input' })
      }),
      { seed: 1, numRuns: 30 },
    )
  })
})
