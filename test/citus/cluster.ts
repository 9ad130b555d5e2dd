/**
 * A Citus cluster for tests. `PG_LSH_CITUS_URL` names a database on the coordinator that tests may fill, with the
 * extension citus and at least two workers. Without it the tests are skipped, and their titles say why.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore, type Store } from '../../src/store/connection/connect.js'
import { migrate } from '../../src/store/schema/migrate.js'

export const clusterUrl = process.env.PG_LSH_CITUS_URL

/** Declares tests that need a cluster; without one they are skipped, and the title says why. */
export function describeOnCitus(title: string, tests: () => void): void {
  if (clusterUrl === undefined) describe.skip(`${title} (PG_LSH_CITUS_URL names no cluster)`, tests)
  else describe(title, tests)
}

export interface Cluster {
  readonly store: Store
  readonly url: string
  /** Rows of a statement. */
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/**
 * The cluster, migrated. Tables of the tests, with their indexes and families, are dropped before and after.
 *
 * @param tables names of the tables, which are also those of their families
 */
export function useCluster(tables: readonly string[]): Cluster {
  let store: Store | undefined
  const current = () => {
    if (!store) throw new Error('the cluster is open only while tests run')
    return store
  }
  const drop = async ({ pool }: Store) => {
    for (const table of tables) {
      await pool.query(`drop table if exists ${table}`)
      await pool.query(
        `select lsh.drop_family(name) from lsh.family where name in ($1, $1 || '_other')`,
        [table],
      )
    }
  }
  beforeAll(async () => {
    store = await openStore(clusterUrl ?? '')
    const { rowCount } = await store.pool.query(
      `select from pg_dist_node where groupid <> 0 and isactive`,
    )
    if ((rowCount ?? 0) < 2) throw new Error('the cluster has fewer than two workers')
    await migrate(store)
    await drop(store)
  }, 300_000)
  afterAll(async () => {
    if (store) await drop(store)
    await store?.close()
  })
  return {
    get store() {
      return current()
    },
    get url() {
      return clusterUrl ?? ''
    },
    rows: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await current().pool.query<Row>(text, [...values])).rows,
  }
}
