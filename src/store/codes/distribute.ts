import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'

export interface DistributeOptions {
  /** Indexes whose tables are distributed. (Default: all) */
  indexes?: readonly string[]
  /** Number of shards of each table that is not distributed yet. (Default: two per worker) */
  shards?: number
}

/** A table that Citus has distributed. */
export interface DistributedTable {
  readonly relation: string
  /** Its indexes, whose codes are on the same machines as its rows. */
  readonly indexes: readonly string[]
  readonly shards: number
}

/**
 * Distributes indexed tables and their codes over the workers of Citus, each in its own transaction, and vacuums the
 * shards of the codes, so that searches use index-only scans. Tables that are already distributed stay as they are.
 * Yields each table with its number of shards.
 *
 * @throws LshError `LSH01` for an unknown index, `LSH03` if there is no index. If Citus refuses a table, its error
 *   comes with a hint.
 */
export async function* distributeTables(
  store: Store,
  { indexes, shards }: DistributeOptions = {},
): AsyncGenerator<DistributedTable, void, undefined> {
  for (const { relation, space, names } of await tablesOf(store, indexes)) {
    const { rows } = await (
      space === null
        ? sql<{
            shards: number
          }>`select lsh.distribute(${names[0]}, ${shards ?? null}::int) as shards`
        : sql<{
            shards: number
          }>`select cbir.distribute_space(${space}, ${shards ?? null}::int) as shards`
    ).execute(store.db)
    await vacuumCodes(store, names)
    yield { relation, indexes: names, shards: rows[0]?.shards ?? 0 }
  }
}

/** Moves tables back to the coordinator; yields their names. */
export async function* undistributeTables(
  store: Store,
  { indexes }: Pick<DistributeOptions, 'indexes'> = {},
): AsyncGenerator<string, void, undefined> {
  for (const { relation, space, names } of await tablesOf(store, indexes)) {
    await (
      space === null
        ? sql`select lsh.undistribute(${names[0]})`
        : sql`select cbir.undistribute_space(${space})`
    ).execute(store.db)
    yield relation
  }
}

/** Vacuums code tables: it marks their pages as all-visible, which index-only scans need. */
async function vacuumCodes(store: Store, names: readonly string[]): Promise<void> {
  for (const name of names)
    await sql`vacuum (analyze) ${sql.table(`lsh_index.${name}`)}`.execute(store.db)
}

interface IndexedTable {
  readonly relation: string
  /** The space that the table holds; null for other tables. */
  readonly space: string | null
  /** Names of its indexes, oldest first. */
  readonly names: readonly string[]
}

/** The tables that have at least one of the given indexes, or any index. */
async function tablesOf(
  store: Store,
  indexes: readonly string[] | undefined,
): Promise<readonly IndexedTable[]> {
  const { rows } = await sql<IndexedTable>`
    select lsh_internal.table_name(index.relation) as relation,
      (select space.name from cbir.space where to_regclass(format('space.%I', space.name)) = index.relation) as space,
      array_agg(index.name::text order by index.id) as names
    from lsh.index
    group by index.relation
    order by min(index.id)`.execute(store.db)
  const unknown = indexes?.find((name) => rows.every(({ names }) => !names.includes(name)))
  if (unknown !== undefined)
    throw new LshError('LSH01', `index "${unknown}" does not exist`, {
      hint: 'List the indexes with "select name, relation from lsh.index".',
    })
  if (rows.length === 0)
    throw new LshError('LSH03', 'there is no index, so there is nothing to distribute', {
      hint: 'Create one first: "pg-lsh index create --space SPACE --maintain loader".',
    })
  return rows.filter(({ names }) => !indexes || names.some((name) => indexes.includes(name)))
}
