import { sql } from 'kysely'
import { assertText } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { HashFamily } from '../hash/family.js'
import { queryHasher, type QueryHasher } from '../hash/query-hasher.js'
import type { Database, Queryable } from '../store/connection/database.js'
import type { IndexTable } from '../store/connection/lsh-tables.js'
import { ourTables } from '../store/connection/handles.js'
import { readFamily } from '../store/codes/families.js'

/**
 * What hashes queries of an index here. A search asks whether the index still has its family, and leaves it to the
 * database where it has another one by now.
 */
export interface OpenIndex {
  readonly name: string
  readonly id: number
  readonly familyId: number
  readonly family: HashFamily
  /** The indexed table as it stands in `from`: without the rows of tables that inherit from it. */
  readonly relation: string
  /** Its schema and name, as they are. */
  readonly schema: string
  readonly table: string
  readonly keyColumn: string
  readonly keyType: string
  readonly vectorColumn: string
  /** The vectors as pgvector's type vector, of the table as `lsh_row`. */
  readonly vectorExpression: string
  /** Schema of pgvector, quoted where it must be. */
  readonly vectorSchema: string
  /** Buckets a search visits unless told otherwise. */
  readonly probes: number
  /** Codes a search re-ranks by exact distance unless told otherwise. */
  readonly candidates: number
  /** Whether these were measured on rows of the index, for ten neighbours, or chosen by somebody. */
  readonly settings: 'measured' | 'given'
  /** Where searches take candidates from, and how they rank codes, unless told otherwise; null: as it is best. */
  readonly stage: IndexTable['stage']
  readonly ranking: IndexTable['ranking']
  /** Whether Citus has spread its tables: then the database hashes the queries, whoever asks. */
  readonly distributed: boolean
  readonly hash: QueryHasher
}

/**
 * Reads an index and its family, to search it by `prepareNearest`; again after `lsh.tune` or `lsh.reindex`.
 *
 * @throws LshError `LSH01` for an unknown index, `LSH03` for one that is not built yet.
 */
export async function openIndex<DB extends Database>(
  db: Queryable<DB>,
  name: string,
): Promise<OpenIndex> {
  const ours = ourTables(db)
  assertText('the index', name, 'Name it: "select name, relation from lsh.index" lists them.')
  // Plugins of the caller's, as withSchema, would rename what is ours.
  const row = await ours
    .withoutPlugins()
    .selectFrom('lsh.index as index')
    .innerJoin('lsh.family as family', 'family.id', 'index.family_id')
    .select([
      'index.id',
      'family_id as familyId',
      sql<string>`lsh_internal.own_rows(relation)`.as('relation'),
      sql<string>`(select nspname from pg_namespace join pg_class on relnamespace = pg_namespace.oid
        where pg_class.oid = relation)`.as('schema'),
      sql<string>`(select relname from pg_class where oid = relation)`.as('table'),
      'key_column as keyColumn',
      sql<string>`lsh_internal.bare_type(index)`.as('keyType'),
      sql<string>`(select quote_ident(nspname) from pg_catalog.pg_extension
        join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace where extname = 'vector')`.as(
        'vectorSchema',
      ),
      'vector_column as vectorColumn',
      sql<boolean>`lsh_internal.is_distributed(index)`.as('distributed'),
      sql<string>`lsh_internal.vector_expression(index, 'lsh_row')`.as('vectorExpression'),
      'family.name as familyName',
      'probes',
      'candidates',
      'settings',
      'stage',
      'ranking',
      'state',
    ])
    .where('index.name', '=', name)
    .executeTakeFirst()
  if (!row) {
    throw new LshError('LSH01', `index "${name}" does not exist`, {
      hint: 'List the indexes with "select name, relation from lsh.index".',
    })
  }
  const { familyName, state, ...index } = row
  if (state !== 'ready') {
    const finish =
      state === 'building'
        ? `call lsh.build_index('${name}')`
        : `select * from lsh.verify_index('${name}', repair => true)`
    throw new LshError('LSH03', `index "${name}" is ${state}`, {
      hint: `Finish it: "${finish}"; meanwhile "lsh.search" reads the table.`,
    })
  }
  const family = await readFamily(ours, familyName)
  return { name, ...index, family, hash: queryHasher(family) }
}
