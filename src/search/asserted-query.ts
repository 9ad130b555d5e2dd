import { RANKINGS } from '../hash/kinds.js'
import {
  assertFlag,
  assertList,
  assertOneOf,
  assertOptions,
  assertRecord,
  assertText,
  assertVector,
  assertWhole,
  kindOf,
  refuseArgument,
} from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { assertDatabase } from '../store/connection/handles.js'

const OPTIONS = [
  'to',
  'k',
  'key',
  'candidates',
  'probes',
  'stage',
  'ranking',
  'index',
  'exclude',
  'excludeSamePatient',
] as const

/**
 * Checks the arguments of a search, for callers without types.
 *
 * @throws LshError `bad_usage` if the database, the table, the search or the query is of another type, or an option is
 *   unknown
 */
export function assertSearch(db: unknown, table: unknown, query: unknown): void {
  assertDatabase(db)
  assertText('the table', table, `Name it with its schema: 'space.ct_shallow'.`)
  assertRecord('the search', query, 'Say what to search for: { to: vector, k: 10 }.')
  const asked = query as Partial<Record<(typeof OPTIONS)[number], unknown>>
  if (!('to' in asked))
    throw new LshError('bad_usage', 'the search has no query', {
      hint: 'Give a vector or a row by its key: { to: vector }, { to: { item: 400 } }.',
    })
  assertOptions(query, OPTIONS)
  const { k, candidates, probes } = asked
  assertCounts({ k, candidates, probes })
  assertOneOf('stage', asked.stage, ['buckets', 'scan', 'hnsw', 'exact'])
  assertOneOf('ranking', asked.ranking, RANKINGS)
  assertFlag('excludeSamePatient', asked.excludeSamePatient)
  if (asked.index !== undefined) assertText('index', asked.index, 'Name an index of the table.')
  if (asked.key !== undefined) assertText('key', asked.key, 'Name the column of the keys.')
  if (asked.exclude !== undefined) assertKeys('exclude', asked.exclude)
}

/** @throws LshError `bad_usage` unless it is a vector, a row by its key, or the result of `hashQuery` or `encodeQuery` */
export function assertAsked(to: unknown): void {
  if (to instanceof Float32Array || isNumbers(to)) return
  if (typeof to === 'object' && to !== null) {
    if ('item' in to) {
      assertKey('to.item', to.item)
      return
    }
    if ('vector' in to && 'index' in to) {
      assertVector('the vector of the query', to.vector)
      assertIndex(to.index)
      return
    }
    if ('features' in to)
      refuseArgument('to', to, 'a query', 'Encode one: "await encodeQuery(db, space, image)".')
    if ('items' in to)
      refuseArgument('to', to, 'one query', 'Use nearestEach for the neighbours of several.')
  }
  if (Array.isArray(to) || ArrayBuffer.isView(to)) assertVector('to', to)
  refuseArgument(
    'to',
    to,
    'a vector, { item } or the result of hashQuery',
    'Give a Float32Array, or the key of a row: { item: 400 }.',
  )
}

/** @throws LshError `bad_usage` unless it is a list of vectors, or of rows by their keys */
export function assertAskedEach(to: unknown): void {
  const hint = 'Give several: [vector, vector], or { items: [400, 401] }.'
  if (typeof to === 'object' && to !== null && 'items' in to) {
    assertKeys('to.items', to.items)
    return
  }
  if (to instanceof Float32Array || (typeof to === 'object' && to !== null && 'item' in to))
    refuseArgument('to', to, 'a list of queries', hint)
  assertList('to', to, hint)
  for (const [i, one] of (to as unknown[]).entries())
    if (!isNumbers(one)) assertVector(`query ${i}`, one)
}

/** Converts a plain list of numbers to a vector; returns anything else unchanged. */
export function asVector<To>(to: To): Exclude<To, readonly number[]> | Float32Array {
  return isNumbers(to) ? Float32Array.from(to) : (to as Exclude<To, readonly number[]>)
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number')
}

/** @throws LshError `bad_usage` unless it is the result of `openIndex` */
export function assertIndex(index: unknown): void {
  const { family, hash } = (index ?? {}) as { family?: unknown; hash?: unknown }
  if (typeof hash === 'function' && typeof family === 'object' && family !== null) return
  refuseArgument(
    'the index',
    index,
    'an open index',
    'Open it first: "await openIndex(db, \'document\')".',
  )
}

/** @throws LshError `bad_usage` unless it is a list of keys */
export function assertKeys(name: string, keys: unknown): void {
  assertList(name, keys, 'Give keys of rows: [400, 401].')
  for (const [i, key] of (keys as unknown[]).entries()) assertKey(`${name}[${i}]`, key)
}

/** @throws LshError `bad_usage` unless it is a whole number or a text */
function assertKey(name: string, key: unknown): void {
  if (typeof key === 'string' || typeof key === 'bigint' || Number.isSafeInteger(key)) return
  throw new LshError(
    'bad_usage',
    `${name} is not a key, but ${typeof key === 'number' ? key : kindOf(key)}`,
    { hint: 'A key is a whole number or a text, as in the column of the keys.' },
  )
}

/** @throws LshError `bad_usage` unless those that are given are whole numbers, candidates at least 0 and the others at least 1 */
export function assertCounts({
  candidates,
  ...counts
}: Readonly<Record<'k' | 'candidates' | 'probes', unknown>>): void {
  if (candidates !== undefined)
    assertWhole('candidates', candidates, 0, 'Leave it out for the default.')
  for (const [name, value] of Object.entries(counts))
    if (value !== undefined) assertCount(name, value)
}

/** @throws LshError `bad_usage` unless it is a whole number, at least 1 */
export function assertCount(name: string, value: unknown): void {
  assertWhole(name, value, 1, 'Leave it out for the default.')
}
