import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The tests that open a database; they run once on each engine. All others run once. */
const database = ['store', 'search', 'compare', 'serve', 'sql', 'cli', 'examples'].map(
  (room) => `test/${room}/**/*.test.ts`,
)
/**
 * The engine matters little to these, or they take long: they run on the server where there is one, else on the embedded
 * engine. The core of SQL, searches, codes and connections is tested on both.
 */
const either = [
  'test/{compare,examples,serve}/**/*.test.ts',
  'test/store/{encode,pictures,plans,schema,spaces,vectors,verify}/**/*.test.ts',
  'test/store/codes/{create-index,train-family}.test.ts',
  'test/cli/{audit-names,beyond-one-machine,did-you-mean,doctor,encode,encoder,family,index-space}.test.ts',
  'test/cli/{kill,load,load-dicom,load-twice,picture*,quality,reconstruct,report,search,sql,verify}.test.ts',
  'test/search/{arguments,call-sql,encode-query*,estimates,halfvec,hostile,nearest-across,plain-filter}.test.ts',
  'test/search/{plugins,prepare-nearest,rare-condition,similar-plans,similar-slices,vector-search}.test.ts',
  'test/sql/{cbir,compare,conditions,halfvec,index,kept-statements,kinds,odd-input,odd-tables}.test.ts',
  'test/sql/{pairs,plans,sql-page,storm,within}.test.ts',
  'test/sql/{rights,upkeep}/**/*.test.ts',
]
const server = Boolean(process.env.PG_LSH_TEST_URL)
const nextKysely = process.env.PG_LSH_KYSELY === 'next'
/** What runs on the next minor version of Kysely as well: what depends on it most, or all that builds queries. */
const queries = [
  'test/store/connection/open-database.test.ts',
  ...(nextKysely
    ? ['search', 'compare', 'examples'].map((room) => `test/${room}/**/*.test.ts`)
    : [
        'test/search/{nearest,expressions}.test.ts',
        'test/compare/compare-with-exact.test.ts',
        'test/examples/kysely.test.ts',
      ]),
]
const slow = process.env.PG_LSH_SLOW === '1' ? [] : ['**/*.slow.test.ts']
/** What opens a browser has a run of its own: npm run test:e2e. */
const browser = ['test/e2e/**/*.test.ts']
const never = ['**/node_modules/**', 'test/bench/**', ...slow]

function found(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

const projects = [
  {
    extends: true as const,
    test: {
      name: 'unit',
      include: ['test/**/*.test.ts'],
      exclude: [...never, ...database, ...browser],
      provide: { engine: 'embedded' as const },
    },
  },
  {
    extends: true as const,
    test: {
      name: 'embedded',
      include: database,
      exclude: [...never, ...(server ? either : [])],
      provide: { engine: 'embedded' as const },
    },
  },
  {
    extends: true as const,
    test: {
      name: 'server',
      include: database,
      exclude: never,
      provide: { engine: 'server' as const },
    },
  },
  {
    extends: true as const,
    test: {
      name: 'e2e',
      include: browser,
      exclude: never,
      provide: { engine: 'embedded' as const },
    },
  },
  {
    extends: true as const,
    resolve: { alias: { kysely: found('node_modules/kysely-next/dist/index.js') } },
    test: {
      name: 'kysely-next',
      include: queries,
      exclude: [...never, 'test/examples/run.test.ts'],
      env: { PG_LSH_KYSELY: 'next' },
      provide: { engine: 'embedded' as const },
    },
  },
]

/** `PG_LSH_KYSELY=next` runs nothing else, and so does `PG_LSH_E2E=1`. */
function runs({ test: { name } }: { test: { name: string } }): boolean {
  if (process.env.PG_LSH_E2E === '1') return name === 'e2e'
  if (nextKysely) return name === 'kysely-next'
  if (name === 'e2e') return false
  return name !== 'server' || server
}

export default defineConfig({
  resolve: { alias: { 'pg-lsh': found('src/index.ts') } },
  test: {
    projects: projects.filter(runs),
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
