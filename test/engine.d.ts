import 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the databases of this run live: `inject('engine')`. `server` is at `PG_LSH_TEST_URL`. */
    engine: 'embedded' | 'server'
  }
}
