import { sql } from 'kysely'
import {
  assertFlag,
  assertOneOf,
  assertOptions,
  assertRecord,
  assertText,
  assertWhole,
  refuseArgument,
} from '../../core/arguments.js'
import type { Store } from '../connection/connect.js'
import { createFamilyOf } from './create-family.js'
import { assertStore } from '../connection/handles.js'
import { fillIndex, type FillOptions } from './fill-index.js'
import { readSpace } from '../spaces/read-space.js'
import { LshError } from '../../core/errors.js'
import { FAMILY_KINDS, type FamilyKind } from '../../hash/kinds.js'

/** A vector column of any table. */
export interface VectorColumn {
  /** Name of the table as SQL writes it, with its schema unless that is on the search path. */
  readonly table: string
  readonly column: string
}

export interface CreateFamilyOptions {
  /** Name of the family. (Default: that of `familyName`) */
  name?: string
  /** (Default: the kind whose codes find the most nearest neighbours in a sample of the vectors) */
  kind?: FamilyKind
  /**
   * Whether searches re-rank their candidates by the stored vectors. If not, the default kind may also be scalar, whose
   * codes have several bits per axis.
   * (Default: true)
   */
  rerank?: boolean
  /**
   * Whether buckets come from random directions or from learned cells; kinds residual and scalar always have cells.
   * (Default: 'directions')
   */
  buckets?: 'directions' | 'voronoi'
  /** q of a qary family. (Default: 4) */
  levels?: number
  /** Bits of a code, 16 to 8192. (Default: 512) */
  bits?: number
  /** The same seed and the same rows give the same family. (Default: 1) */
  seed?: number
  /** gamma of `exp(-gamma |x - y|^2 / 2)`; kinds that estimate distances have none. (Default: calibrated) */
  bandwidth?: number
}

const SOURCE_HINT =
  'Name a space, or a column of any table: { table: "image", column: "embedding" }.'
const OMIT_HINT = 'Leave it out for the default.'

/** Default name of the family for a space, or for a table and its column. */
export function familyName(source: string, bits = 512, kind?: FamilyKind): string {
  return kind ? `${source}_${kind}_${bits}` : `${source}_${bits}`
}

/**
 * Creates a hash family for the features of a space, or for a vector column of any table, and returns its name.
 *
 * @throws LshError `LSH01` for an unknown space, `42P01` or `42703` for an unknown table or column, `LSH03` for fewer
 *   than two vectors.
 */
export async function createFamily(
  store: Store,
  source: string | VectorColumn,
  options: CreateFamilyOptions = {},
): Promise<string> {
  assertStore(store)
  const { relation, column, familyBase } = await sourceOf(store, source)
  assertOptions(options, [
    'name',
    'kind',
    'rerank',
    'buckets',
    'levels',
    'bits',
    'seed',
    'bandwidth',
  ])
  assertFlag('rerank', options.rerank)
  assertOneOf('kind', options.kind, FAMILY_KINDS)
  assertOneOf('buckets', options.buckets, ['directions', 'voronoi'])
  if (options.name !== undefined) assertText('name', options.name)
  if (options.seed !== undefined) assertWhole('seed', options.seed, -(2 ** 31), OMIT_HINT)
  if (
    options.bandwidth !== undefined &&
    !(Number.isFinite(options.bandwidth) && options.bandwidth > 0)
  )
    refuseArgument('bandwidth', options.bandwidth, 'a positive number', OMIT_HINT)
  const { bits, kind, name = familyName(familyBase, bits, kind) } = options
  return (await createFamilyOf(store, { relation, column }, { ...options, name })).name
}

export interface CreateIndexOptions extends FillOptions {
  /** Hash family. (Default: that of `familyName`, which is created if it does not exist) */
  family?: string
  /** Name of the index. (Default: the space, or the table without its schema) */
  name?: string
  /** What keeps the codes in step with the table: triggers or the loader. (Default: 'trigger') */
  maintain?: 'trigger' | 'loader'
}

/** Names of a created index and of its family. */
export interface CreatedIndex {
  readonly index: string
  readonly family: string
}

/**
 * Creates an index on the features of a space, or on a vector column of any table. The client computes the codes and
 * writes them by COPY, which is many times faster than `lsh.create_index` alone. If an earlier call was interrupted,
 * completes its index.
 *
 * @throws LshError `LSH01` for an unknown space, `42P01` or `42703` for an unknown table or column.
 */
export async function createIndex(
  store: Store,
  source: string | VectorColumn,
  options: CreateIndexOptions = {},
): Promise<CreatedIndex> {
  assertStore(store)
  const { relation, column, shortName, familyBase } = await sourceOf(store, source)
  assertOptions(options, ['family', 'name', 'maintain', 'onProgress', 'signal'])
  assertOneOf('maintain', options.maintain, ['trigger', 'loader'])
  if (options.family !== undefined) assertText('family', options.family)
  if (options.name !== undefined) assertText('name', options.name)
  const { name = shortName, maintain = 'trigger', family = familyName(familyBase) } = options
  if (options.family === undefined && !(await familyExists(store, family, relation)))
    await createFamilyOf(store, { relation, column }, { name: family })
  if (!(await mayLackCodes(store, name, { relation, column, family, maintain }))) {
    await sql`select lsh.create_index(${relation}::regclass, ${column}, ${family}, ${name},
      maintain => ${maintain}, build => 'later')`.execute(store.db)
  }
  await fillIndex(store, name, options)
  return { index: name, family }
}

/** Relation and column of a source, the default name of its index, and the prefix of its default family names. */
async function sourceOf(store: Store, source: string | VectorColumn) {
  if (typeof source === 'string') {
    assertText('the space', source, SOURCE_HINT)
    await readSpace(store, source)
    const relation = `space.${source}`
    return { relation, column: 'embedding', shortName: source, familyBase: source }
  }
  assertRecord('the source of vectors', source, SOURCE_HINT)
  assertOptions(source, ['table', 'column'])
  assertText('table', source.table, SOURCE_HINT)
  assertText('column', source.column, SOURCE_HINT)
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_catalog.pg_class where oid = ${source.table}::regclass`.execute(
    store.db,
  )
  const name = rows[0]?.name
  if (name === undefined)
    throw new LshError('bad_usage', `relation "${source.table}" does not exist`, {
      hint: SOURCE_HINT,
    })
  const { table: relation, column } = source
  return { relation, column, shortName: name, familyBase: `${name}_${column}` }
}

/**
 * Whether an index with this name, column, family and maintenance exists and may lack codes: it is not complete, or the
 * loader maintains it.
 */
async function mayLackCodes(
  store: Store,
  name: string,
  wanted: { relation: string; column: string; family: string; maintain: string },
): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select(['lsh.family.name as family', 'maintain', 'state'])
    .where('lsh.index.name', '=', name)
    .where('relation', '=', sql<string>`to_regclass(${wanted.relation})`)
    .where('vector_column', '=', wanted.column)
    .executeTakeFirst()
  return (
    row?.maintain === wanted.maintain &&
    row.family === wanted.family &&
    (row.maintain === 'loader' || row.state === 'building')
  )
}

/**
 * Whether a family with that name exists.
 *
 * @throws LshError `bad_usage` if it was created for another table, whose distances may differ in scale
 */
async function familyExists(store: Store, name: string, relation: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.family')
    .select(
      sql<boolean>`to_regclass(calibration->>'relation') = ${relation}::regclass`.as('same_table'),
    )
    .where('name', '=', name)
    .executeTakeFirst()
  if (row === undefined) return false
  if (row.same_table) return true
  throw new LshError('bad_usage', `hash family "${name}" was created for another table`, {
    hint: 'Create one under another name with createFamily(store, source, { name }), and pass that name as { family }.',
  })
}
