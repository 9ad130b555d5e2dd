import { sql } from 'kysely'
import {
  assertOneOf,
  assertOptions,
  assertText,
  assertWhole,
  refuseArgument,
} from '../../core/arguments.js'
import { FAMILY_KINDS, type FamilyKind } from '../../hash/family.js'
import type { Store } from '../connection/connect.js'
import { createFamilyOf } from './create-family.js'
import { assertStore } from '../connection/handles.js'
import { fillIndex, type FillOptions } from './fill-index.js'
import { readSpace } from '../spaces/spaces.js'

export interface CreateFamilyOptions {
  /** Name of the family. (Default: that of `familyName`) */
  name?: string
  /** (Default: 'kernel') */
  kind?: FamilyKind
  /** Levels of random directions, or learned cells, which kind residual always has. (Default: 'directions') */
  buckets?: 'directions' | 'voronoi'
  /** q of a qary family. (Default: 4) */
  levels?: number
  /** Bits of a code, 16 to 8192. (Default: 512) */
  bits?: number
  /** The same seed draws the same family. (Default: 1) */
  seed?: number
  /** gamma of `exp(-gamma |x - y|^2 / 2)`; not of sign, itq and residual. (Default: calibrated on the features) */
  bandwidth?: number
}

const NAMED = 'Name it: "select name from cbir.space" lists them.'
const LEFT_OUT = 'Leave it out for the default.'

/** Name of the family that is made for a space unless told otherwise. */
export function familyName(space: string, bits = 512, kind: FamilyKind = 'kernel'): string {
  return `${space}_${kind}_${bits}`
}

/**
 * Makes a hash family for the features of a space; returns its name.
 *
 * @throws LshError `LSH01` for an unknown space.
 */
export async function createFamily(
  store: Store,
  space: string,
  options: CreateFamilyOptions = {},
): Promise<string> {
  assertStore(store)
  assertText('the space', space, NAMED)
  assertOptions(options, ['name', 'kind', 'buckets', 'levels', 'bits', 'seed', 'bandwidth'])
  assertOneOf('kind', options.kind, FAMILY_KINDS)
  assertOneOf('buckets', options.buckets, ['directions', 'voronoi'])
  if (options.name !== undefined) assertText('name', options.name)
  if (options.seed !== undefined) assertWhole('seed', options.seed, -(2 ** 31), LEFT_OUT)
  if (
    options.bandwidth !== undefined &&
    !(Number.isFinite(options.bandwidth) && options.bandwidth > 0)
  )
    refuseArgument('bandwidth', options.bandwidth, 'a positive number', LEFT_OUT)
  const { bits, kind, name = familyName(space, bits, kind) } = options
  await readSpace(store, space)
  const of = { relation: `space.${space}`, column: 'embedding' }
  return (await createFamilyOf(store, of, { ...options, name })).name
}

export interface CreateIndexOptions extends FillOptions {
  /** Hash family. (Default: that of `familyName`, drawn where it does not exist) */
  family?: string
  /** Name of the index. (Default: the space) */
  name?: string
  /** Who keeps the codes in step. (Default: 'trigger') */
  maintain?: 'trigger' | 'loader'
}

/** What an index was made of. */
export interface CreatedIndex {
  readonly index: string
  readonly family: string
}

/**
 * Hashes the features of a space. The codes are computed here and written by COPY, which is many times as
 * fast as `lsh.create_index` does it by itself; an index that was interrupted is completed.
 *
 * @throws LshError `LSH01` for an unknown space.
 */
export async function createIndex(
  store: Store,
  space: string,
  options: CreateIndexOptions = {},
): Promise<CreatedIndex> {
  assertStore(store)
  assertText('the space', space, NAMED)
  assertOptions(options, ['family', 'name', 'maintain', 'onProgress', 'signal'])
  assertOneOf('maintain', options.maintain, ['trigger', 'loader'])
  if (options.family !== undefined) assertText('family', options.family)
  if (options.name !== undefined) assertText('name', options.name)
  const { name = space, maintain = 'trigger', family = familyName(space) } = options
  await readSpace(store, space)
  if (options.family === undefined && !(await familyExists(store, family)))
    await createFamily(store, space)
  if (!(await isInterrupted(store, name, { space, family, maintain }))) {
    await sql`select lsh.create_index(${`space.${space}`}::regclass, 'embedding', ${family}, ${name},
      maintain => ${maintain}, build => 'later')`.execute(store.db)
  }
  await fillIndex(store, name, options)
  return { index: name, family }
}

/** Whether just this index stands there: it may lack codes, but nothing else. */
async function isInterrupted(
  store: Store,
  name: string,
  wanted: { space: string; family: string; maintain: string },
): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select(['lsh.family.name as family', 'maintain', 'state'])
    .where('lsh.index.name', '=', name)
    .where('relation', '=', sql<string>`to_regclass(${`space.${wanted.space}`})`)
    .executeTakeFirst()
  return (
    row?.maintain === wanted.maintain &&
    row.family === wanted.family &&
    (row.maintain === 'loader' || row.state === 'building')
  )
}

async function familyExists(store: Store, name: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.family')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst()
  return row !== undefined
}
