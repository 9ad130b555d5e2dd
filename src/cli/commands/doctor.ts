import type { Command } from 'commander'
import { startBackend } from '../../encode/backend/backend.js'
import type { Store } from '../../store/connection/connect.js'
import { installedExtension } from '../../store/schema/installed-extension.js'
import { indexComplaints } from '../../store/schema/mend-indexes.js'
import { installedSqlVersion } from '../../store/schema/migrate.js'
import { appliedMigration, newestMigration } from '../../store/schema/migration-files.js'
import {
  isOlder,
  PGVECTOR_MINIMUM,
  POSTGRESQL_MINIMUM,
} from '../../store/schema/migration-session.js'
import { sqlVersion } from '../../store/schema/sql-files.js'
import { contextOf, reportingWaits, withStoreAt } from '../context.js'

const NODE_MINIMUM = '20.11'
const UNREADABLE = 'not readable by this role'

/** Result of one check. */
interface Finding {
  check: string
  found: string
  ok: boolean
  /** The remedy. */
  remedy: string
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'show versions, and missing parts with the way to install them; exit with 1 if anything is missing',
    )
    .action(async (_: object, command: Command) => {
      const { output, place } = contextOf(command)
      const findings: Finding[] = [
        finding(
          'Node.js',
          process.version,
          !isOlder(process.versions.node, NODE_MINIMUM),
          `Install Node.js ${NODE_MINIMUM} or newer.`,
        ),
        await backendFinding(),
      ]
      try {
        findings.push(...(await withStoreAt(place, reportingWaits(output, databaseFindings))))
      } catch (error) {
        findings.push(
          finding(
            'database',
            (error as Error).message,
            false,
            (error as { hint?: string }).hint ?? '',
          ),
        )
      }
      output.table(findings, ['check', 'found', 'ok', 'remedy'])
      output.result({ findings })
      if (findings.some((one) => !one.ok)) process.exitCode = 1
    })
}

function finding(check: string, found: string, ok: boolean, remedy: string): Finding {
  return { check, found, ok, remedy: ok ? '' : remedy }
}

async function backendFinding(): Promise<Finding> {
  const backend = await startBackend()
  return finding(
    'encoder back end',
    `${backend.name} ${backend.version}: ${backend.reason}`,
    !backend.slow,
    'Run "npm ci" again, so that @tensorflow/tfjs-backend-wasm is complete.',
  )
}

async function databaseFindings(store: Store): Promise<Finding[]> {
  const { rows } = await store.pool.query<{
    server: string
    vector: string | null
    available: string | null
    installer: string | null
  }>(
    `select pg_catalog.current_setting('server_version') as server,
       (select extversion from pg_catalog.pg_extension where extname = 'vector') as vector,
       (select default_version from pg_catalog.pg_available_extensions where name = 'vector') as available,
       (select pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace
        where nspname = 'lsh' and not pg_catalog.pg_has_role(nspowner, 'usage')) as installer`,
  )
  const { server = '', vector = null, available = null, installer = null } = rows[0] ?? {}
  const extension = await installedExtension(store.pool)
  const [applied, wanted, installed, brought] = [
    await appliedMigration(store.pool),
    await newestMigration(),
    await installedSqlVersion(store.pool),
    await sqlVersion(store.pool, extension === null ? 'all' : 'lsh'),
  ]
  const { newest, readable } = applied
  const newer = newest !== null && newest > wanted
  const migrate =
    installer === null
      ? 'Run "pg-lsh migrate".'
      : `Let role "${installer}", which installed pg-lsh, run "pg-lsh migrate".`
  const update = 'Run "alter extension pg_lsh update", or install this package in that version.'
  const remedy = newer
    ? 'Upgrade pg-lsh: "npm install pg-lsh@latest".'
    : extension === null
      ? migrate
      : update
  // Functions are installed after the migrations that they need, so that their version implies the
  // migrations.
  const whole = readable ? newest === wanted : installed === brought
  const findings = [
    finding(
      'database',
      `${store.engine} at ${store.location}, PostgreSQL ${server}`,
      !isOlder(server, POSTGRESQL_MINIMUM),
      `Upgrade to PostgreSQL ${POSTGRESQL_MINIMUM} or newer.`,
    ),
    finding(
      'pgvector',
      vector ?? 'not created',
      vector !== null && !isOlder(vector, PGVECTOR_MINIMUM),
      vector === null && available !== null
        ? 'Run "pg-lsh migrate", which creates it.'
        : `Install pgvector ${PGVECTOR_MINIMUM} or newer on the server (Debian: postgresql-17-pgvector), then run "pg-lsh migrate".`,
    ),
    extension === null
      ? finding(
          'schema',
          readable ? `${newest ?? 'none'} of ${wanted}` : `${UNREADABLE}; ${wanted} is wanted`,
          whole,
          remedy,
        )
      : finding('extension', `pg_lsh ${extension}`, installed === brought, remedy),
    finding('functions', `${installed ?? 'none'} of ${brought}`, installed === brought, remedy),
  ]
  if (installed !== brought || (extension === null && readable && newest === null)) return findings
  for (const { index, problem, hint } of await indexComplaints(store.pool))
    findings.push(finding(`index ${index}`, problem, false, hint))
  return extension === null ? [...findings, ...(await datasetFindings(store))] : findings
}

async function datasetFindings(store: Store): Promise<Finding[]> {
  const { rows } = await store.pool.query<{ readable: boolean }>(
    `select pg_catalog.has_schema_privilege('cbir', 'usage')
       and pg_catalog.has_table_privilege(view.oid, 'select') as readable
     from pg_catalog.pg_class as view
     where view.relname = 'slices'
       and view.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'cbir')`,
  )
  if (rows[0]?.readable !== true) return [finding('data sets', UNREADABLE, true, '')]
  const datasets = await store.db
    .selectFrom('cbir.slices')
    .select([
      'dataset',
      (eb) => eb.fn.count<number>('item_id').as('items'),
      (eb) => eb.fn.count<number>('plan').distinct().as('plans'),
    ])
    .groupBy('dataset')
    .orderBy('dataset')
    .execute()
  return datasets.map(({ dataset, items, plans }) =>
    finding(`data set ${dataset}`, `${plans} plans, ${items} slices`, true, ''),
  )
}
