import { inspect } from 'node:util'
import { Kysely, PostgresDialect, sql, type SelectQueryBuilder } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import * as api from '../../src/index.js'
import { isPgError } from '../../src/store/connection/errors.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'

const database = useTestDatabase()
const dims = 8
const vector = new Float32Array(dims).fill(0.5)
const column = sql.ref<Float32Array>('near.embedding')

/** Values that an untyped program may pass as any argument. */
const WRONG: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 0.5],
  ['NaN', Number.NaN],
  ['an empty text', ''],
  ['a text', 'x'],
  ['a flag', true],
  ['a list', []],
  ['a list of nothing', [undefined]],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an option that there is not', { neighbours: 5 }],
  ['a function', () => undefined],
  ['a symbol', Symbol('x')],
  ['a promise', Promise.resolve(vector)],
  ['numbers of 8 bytes', new Float64Array(dims)],
  ['a date', new Date(0)],
]

type Call = (...values: never[]) => unknown

/** Valid arguments of each exported function; options objects are also tested one property at a time. */
let calls: Record<string, readonly [Call, readonly unknown[]]>

beforeAll(async () => {
  const { store } = database
  await makeSpace(store, { dims })
  await makeIndex(store)
  const { db, pool } = store
  const index = await api.openIndex(db, 'made')
  const { family } = index
  const search = {
    to: vector,
    k: 3,
    key: 'item_id',
    candidates: 10,
    probes: 2,
    stage: 'buckets',
    ranking: 'asymmetric',
    index: 'made',
    exclude: [1],
    excludeSamePatient: false,
  }
  const near = api.nearest(db as unknown as Kysely<{ 'space.made': api.Features }>, 'space.made', {
    to: vector,
  })
  const items = { ...search, to: [vector], exclude: [2] }
  const exact = { to: { item: 1 }, k: 2, exclude: [], index: 'made' }
  const space = { space: 'made', k: 3, excludeSamePatient: true, candidates: 9, probes: 2 }
  const code = sql.ref<api.BitCode>('near.code')
  const bits = api.codeFromText('0101')
  calls = Object.fromEntries(
    Object.entries({
      codeFromText: [api.codeFromText, ['0101']],
      vector: [api.vector, [[1, 2], 2]],
      encodeVector: [api.encodeVector, [family, vector]],
      probes: [api.probes, [family, vector, 2]],
      describeQuery: [api.describeQuery, [family, vector]],
      openStore: [api.openStore, ['postgres://127.0.0.1:1/x', { create: false }]],
      openDatabase: [api.openDatabase, [{ url: 'postgres://127.0.0.1:1/x' }, { prepare: true }]],
      withLsh: [api.withLsh, [new Kysely({ dialect: new PostgresDialect({ pool }) }), pool]],
      readFamily: [api.readFamily, [db, 'made']],
      createFamily: [
        api.createFamily,
        [store, 'made', { name: 'made', kind: 'sign', buckets: 'directions', bits: 32, seed: 1 }],
      ],
      createIndex: [
        api.createIndex,
        [store, 'made', { family: 'made', name: 'made', maintain: 'trigger' }],
      ],
      migrate: [api.migrate, [store, { direction: 'up' }]],
      asymmetricHamming: [api.asymmetricHamming, [code, api.describeQuery(family, vector)]],
      binaryQuantize: [api.binaryQuantize, [column]],
      bitCount: [api.bitCount, [code]],
      cosineDistance: [api.cosineDistance, [column, vector]],
      l2Distance: [api.l2Distance, [column, vector]],
      hamming: [api.hamming, [code, bits]],
      dice: [api.dice, [sql.ref<number[]>('a'), [1, 2]]],
      jaccard: [api.jaccard, [sql.ref<number[]>('a'), [1, 2]]],
      nearest: [api.nearest, [db, 'space.made', search]],
      nearestExact: [api.nearestExact, [db, 'space.made', exact]],
      nearestEach: [api.nearestEach, [db, 'space.made', items]],
      nearestAcross: [api.nearestAcross, [[db], 'space.made', search, { labels: ['a'] }]],
      similarPlans: [
        api.similarPlans,
        [
          db,
          1,
          {
            space: 'made',
            k: 2,
            excludeSamePatient: true,
            weights: 'dose',
            candidates: 5,
            where: (plan: (...of: unknown[]) => unknown) => plan('site', '=', 'head and neck'),
          },
        ],
      ],
      matchedSlices: [api.matchedSlices, [db, 1, 2, { space: 'made', weights: 'equal' }]],
      similarSlices: [api.similarSlices, [db, 1, space]],
      similarSlicesExact: [api.similarSlicesExact, [db, 1, { space: 'made', k: 3 }]],
      slicesLike: [api.slicesLike, [db, api.hashQuery(index, vector), { space: 'made', k: 3 }]],
      search: [
        api.search,
        [db, vector, { index: 'made', k: 3, candidates: 10, probes: 2, exclude: [1] }],
      ],
      within: [api.within, [db, vector, { index: 'made', radius: 1, maxRows: 3, exclude: ['1'] }]],
      pairs: [api.pairs, [db, { index: 'made', radius: 1, other: 'made', maxPairs: 9 }]],
      searchExact: [api.searchExact, [db, vector, { index: 'made', k: 3, exclude: ['1'] }]],
      callSql: [
        api.callSql,
        [
          db,
          'lsh.compare',
          {
            index: 'made',
            queries: ['1', '2'],
            ks: [3],
            candidates: 5,
            probes: 2,
            excludes: { 1: [2] },
            stage: 'buckets',
            ranking: 'hamming',
          },
        ],
      ],
      openIndex: [api.openIndex, [db, 'made']],
      openSpace: [api.openSpace, [db, 'made']],
      hashQuery: [api.hashQuery, [index, vector]],
      encodeQuery: [
        api.encodeQuery,
        [db, 'made', { png: new Uint8Array(9), window: { low: 0, high: 9 } }],
      ],
      prepareNearest: [
        api.prepareNearest,
        [index, { k: 3, candidates: 10, probes: 2, stage: 'scan' }],
      ],
      sampleRecall: [api.sampleRecall, [db, near, { share: 1 }]],
      compareWithExact: [api.compareWithExact, [db, near]],
      compareSpace: [api.compareSpace, [store, 'made', [1], { k: 3, excludeSamePatient: true }]],
      summarise: [api.summarise, [[]]],
      describeLockWait: [
        api.describeLockWait,
        [
          {
            what: 'table x',
            seconds: 1,
            holders: [{ pid: 1, application: 'x', user: 'y', state: 'idle', since: new Date(0) }],
          },
        ],
      ],
      fromPgError: [api.fromPgError, [new Error('x')]],
    } as unknown as Record<string, [Call, unknown[]]>),
  )
})

/** Whether a value is an options object that a caller writes; other objects come from functions of the package. */
function isWritten(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const handles = ['family', 'transaction', 'planes', 'checksum', 'holders']
  return Object.getPrototypeOf(value) === Object.prototype && !handles.some((one) => one in value)
}

/** Calls a function and, if it returns a query, runs the query; returns the error, if any. */
async function outcome(call: Call, values: readonly unknown[]): Promise<unknown> {
  try {
    const made = await (call as (...of: unknown[]) => unknown)(...values)
    if (typeof made === 'function') (made as (of: Float32Array) => unknown)(vector)
    if (!isQuery(made)) return undefined
    // Kysely rejects a query that selects nothing.
    const { selections } = made.toOperationNode()
    await (selections ? made : made.selectAll()).execute()
    return undefined
  } catch (error) {
    return error
  }
}

function isQuery(made: unknown): made is SelectQueryBuilder<object, never, object> {
  return typeof (made as { selectAll?: unknown } | null | undefined)?.selectAll === 'function'
}

/** Faults of an error; none if it has a hint or comes from the database. */
function faultOf(error: unknown): string[] {
  if (error === undefined || isPgError(error)) return []
  if (!(error instanceof LshError)) return [inspect(error, { depth: 0 })]
  const { message, hint } = error
  if (/undefined is not|cannot read|\[object|is not a function/i.test(message)) return [message]
  return hint.length > 5 ? [] : [`${message}, without a hint`]
}

describe('every function of the package', () => {
  it('has an entry in this test', () => {
    const functions = Object.entries(api).flatMap(([name, value]) =>
      typeof value === 'function' && name !== 'LshError' ? [name] : [],
    )
    expect(functions.sort()).toEqual(Object.keys(calls).sort())
  })

  it('throws only an LshError with a hint for invalid arguments', async () => {
    const faults: string[] = []
    const attempt = async (where: string, call: Call, values: readonly unknown[]) => {
      for (const fault of faultOf(await outcome(call, values))) faults.push(`${where}: ${fault}`)
    }
    for (const [name, [call, right]] of Object.entries(calls)) {
      for (const [kind, wrong] of WRONG)
        for (let at = 0; at <= right.length; at++) {
          const values = right.map((value, i) => (i === at ? wrong : value))
          const where = `${name}, argument ${at + 1}: ${kind}`
          await attempt(where, call, at === right.length ? [] : values)
        }
      for (const [at, options] of right.entries()) {
        if (!isWritten(options)) continue
        for (const property of Object.keys(options as object))
          for (const [kind, wrong] of WRONG) {
            const values = right.map((value, i) =>
              i === at ? { ...(value as object), [property]: wrong } : value,
            )
            await attempt(`${name}, ${property}: ${kind}`, call, values)
          }
      }
    }
    expect(faults).toEqual([])
  }, 300_000)

  it.each<[string, unknown, RegExp, RegExp]>([
    ['null', null, /^to must be a vector.*, not null$/, /Float32Array/],
    ['nothing', undefined, /not undefined/, /Float32Array/],
    ['numbers of 8 bytes', new Float64Array(dims), /not a Float64Array/, /Float32Array\.from/],
    ['a list of texts', ['1', '2'], /not an array/, /vector\(numbers\)/],
    ['a key', 400, /the number 400/, /\{ item: 400 \}/],
    ['a promise', Promise.resolve(vector), /a promise/, /await/],
    ['a row without its key', { item: null }, /to\.item is not a key, but null/, /A key is/],
    ['an item that is NaN', { item: Number.NaN }, /but NaN/, /A key is/],
    ['rows', { items: [1] }, /one query/, /nearestEach/],
    ['an open space', { features: () => vector, index: {} }, /a query/, /encodeQuery/],
    ['an index that is closed', { vector, index: null }, /an open index/, /openIndex/],
    ['a family of other dimension', new Float32Array(0), /no elements/, /at least one/],
  ])(
    'refuses %s as the query with a hint that says what to pass instead',
    (_, to, message, hint) => {
      const db = database.store.db as unknown as Kysely<{ 'space.made': api.Features }>
      for (const search of [api.nearest, api.nearestExact])
        try {
          search(db, 'space.made', { to: to as Float32Array })
          expect.unreachable()
        } catch (error) {
          expect(error).toBeInstanceOf(LshError)
          expect((error as Error).message).toMatch(message)
          expect((error as LshError).hint).toMatch(hint)
        }
    },
  )

  it('names the handle to pass when it gets a different one', () => {
    const { store } = database
    const search = { to: vector }
    const nearest = api.nearest as unknown as Call
    expect(() => nearest(...([store, 'space.made', search] as never[]))).toThrow(
      expect.objectContaining({ hint: 'Pass the db of the store: "store.db".' }),
    )
    const migrate = api.migrate as unknown as (of: unknown) => Promise<unknown>
    return expect(migrate(store.db)).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('openStore'),
    })
  })
})
