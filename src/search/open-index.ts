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
 * An index opened for hashing queries in the client. A search checks that the index still has this family; otherwise
 * the database hashes the query.
 */
export interface OpenIndex {
  readonly name: string
  readonly id: number
  readonly familyId: number
  readonly family: HashFamily
  /** The indexed table as written in `from`, without the rows of tables that inherit from it. */
  readonly relation: string
  /** Schema and name of the table, unquoted. */
  readonly schema: string
  readonly table: string
  readonly keyColumn: string
  readonly keyType: string
  readonly vectorColumn: string
  /** Expression for the vectors, of type vector, for the table with the alias `lsh_row`. */
  readonly vectorExpression: string
  /** Schema of pgvector, quoted if necessary. */
  readonly vectorSchema: string
  /** Default number of buckets that a search visits. */
  readonly probes: number
  /** Default number of codes that a search re-ranks by exact distance. */
  readonly candidates: number
  /** Whether these were measured on rows of the index, for ten neighbours, or given by a user. */
  readonly settings: 'measured' | 'given'
  /** Measured probes and candidates for ten neighbours, and then for a hundred; null if a user has tuned the index. */
  readonly measured: readonly number[] | null
  /** Default candidate stage and ranking of searches; null if each search chooses. */
  readonly stage: IndexTable['stage']
  readonly ranking: IndexTable['ranking']
  /** Whether Citus has distributed its tables. If so, the database always hashes the queries. */
  readonly distributed: boolean
  readonly hash: QueryHasher
}

/**
 * Reads an index and its family for `prepareNearest` and `hashQuery`. Open it again after `lsh.tune` or `lsh.reindex`.
 *
 * @throws LshError `LSH01` for an unknown index, `LSH03` for one that is not built yet.
 */
export async function openIndex<DB extends Database>(
  db: Queryable<DB>,
  name: string,
): Promise<OpenIndex> {
  const ours = ourTables(db)
  assertText('the index', name, 'Name it: "select name, relation from lsh.index" lists them.')
  // Plugins of the caller, such as withSchema, would rename our tables.
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
      'measured',
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
