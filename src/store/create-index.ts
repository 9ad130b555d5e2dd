import { sql } from 'kysely'
import type { Store } from './connect.js'
import { fillIndex, vacuumIndex, type FillOptions } from './index-codes.js'
import { readSpace } from './spaces.js'

export interface CreateFamilyOptions {
  /** Name of the family. (Default: that of `familyName`) */
  name?: string
  /** Bits of a code, 16 to 8192. (Default: 512) */
  bits?: number
  /** The same seed draws the same family. (Default: 1) */
  seed?: number
  /** gamma of `exp(-gamma |x - y|^2 / 2)`. (Default: calibrated on the features) */
  bandwidth?: number
}

/** Name of the family that is made for a space unless told otherwise. */
export function familyName(space: string, bits = 512): string {
  return `${space}_kernel_${bits}`
}

/**
 * Draws a kernel family for the features of a space by `lsh.create_family`; returns its name.
 *
 * @throws LshError `LSH01` for an unknown space.
 */
export async function createFamily(
  store: Store,
  space: string,
  options: CreateFamilyOptions = {},
): Promise<string> {
  const { bits = 512, seed = 1, bandwidth = null, name = familyName(space, bits) } = options
  await readSpace(store, space)
  await sql`select lsh.create_family(${name}, ${`space.${space}`}::regclass, 'embedding', bits => ${bits}::int,
    seed => ${seed}::int, bandwidth => ${bandwidth}::float8)`.execute(store.db)
  return name
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
 * Hashes the features of a space by `lsh.create_index`; with `maintain: 'loader'` the codes are computed
 * here and written by COPY, and one that was interrupted is completed.
 *
 * @throws LshError `LSH01` for an unknown space.
 */
export async function createIndex(
  store: Store,
  space: string,
  options: CreateIndexOptions = {},
): Promise<CreatedIndex> {
  const { name = space, maintain = 'trigger', family = familyName(space) } = options
  await readSpace(store, space)
  if (options.family === undefined && !(await familyExists(store, family)))
    await createFamily(store, space)
  if (!(await isInterrupted(store, name, { space, family, maintain }))) {
    await sql`select lsh.create_index(${`space.${space}`}::regclass, 'embedding', ${family}, ${name},
      maintain => ${maintain})`.execute(store.db)
  }
  if (maintain === 'loader') await fillIndex(store, name, options)
  else await vacuumIndex(store, name)
  return { index: name, family }
}

/** Whether just this index stands there and the loader keeps it: then it may lack codes, but nothing else. */
async function isInterrupted(
  store: Store,
  name: string,
  wanted: { space: string; family: string; maintain: string },
): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select(['lsh.family.name as family', 'maintain'])
    .where('lsh.index.name', '=', name)
    .where('relation', '=', sql<string>`to_regclass(${`space.${wanted.space}`})`)
    .executeTakeFirst()
  return row?.maintain === 'loader' && wanted.maintain === 'loader' && row.family === wanted.family
}

async function familyExists(store: Store, name: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('lsh.family')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst()
  return row !== undefined
}
