// The SQL of the package as the extension takes it: the same files that "pg-lsh migrate" runs.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const read = (path) => readFileSync(join(root, path), 'utf8')

const sqlNames = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.sql'))
    .sort()

/** Names of the migrations that make tables of the schemas lsh, the oldest first. */
export function lshMigrations() {
  return sqlNames('migrations')
    .map((name) => name.replace(/\.sql$/, ''))
    .filter((name) => /^\d+_lsh/.test(name))
}

/** What a migration does on its way up. */
export function migrationUp(name) {
  const [, up] = /-- Up Migration\n([^]*?)-- Down Migration\n/.exec(read(`migrations/${name}.sql`))
  // The script has made sure that there is none: one that somebody else has made must not be taken over.
  return up.trim().replace('create schema if not exists', 'create schema')
}

/** The functions and views of the extension, in the order in which they are installed. */
export const lshFiles = () => sqlNames('sql/lsh').map((name) => `sql/lsh/${name}`)
const lastFiles = () => sqlNames('sql').map((name) => `sql/${name}`)
const cbirFiles = () => sqlNames('sql/cbir').map((name) => `sql/cbir/${name}`)

/** All that is run once more at an upgrade. */
export const rerun = () => [...lshFiles(), ...lastFiles()].map(read)

/** As `src/store/schema/sql-files.ts` computes it: of the part that the extension has, or of all. */
export function sourceHash(part) {
  const files = part === 'lsh' ? lshFiles() : [...lshFiles(), ...cbirFiles(), ...lastFiles()]
  const hash = createHash('sha256')
  for (const name of files) hash.update(`${name}\0${read(name)}\0`)
  return hash.digest('hex')
}

/** Releases whose scripts are frozen, the oldest first, with the migrations that they had. */
export const releases = () => JSON.parse(read('migrations/releases.json'))

export const packageJson = () => JSON.parse(read('package.json'))
