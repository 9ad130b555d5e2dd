/** Counts of operations, errors and faults in a torture run. */
import { CONNECTION_LOST } from './operations.js'

export interface Tally {
  readonly operations: Record<string, number>
  /** By SQLSTATE or system error code. */
  readonly errors: Record<string, number>
  readonly kills: { backends: number; server: number }
  readonly wrongResults: string[]
  readonly unexpected: string[]
  done(kind: string): void
  /** Counts an error; keeps its message if it is neither expected nor a lost connection. */
  failed(kind: string, error: unknown, expected: readonly string[]): void
  wrong(what: string): void
}

/** Messages of the driver for a lost connection. */
const GONE =
  /terminated|not queryable|ECONNRESET|ECONNREFUSED|EPIPE|Connection ended|closed the connection/

/**
 * Errors of pgvector before 0.8.4 after an insert concurrent with a vacuum has damaged an HNSW graph. No rows are lost:
 * https://github.com/pgvector/pgvector/pull/988 and issue 993.
 */
const GRAPH_DAMAGED = /^different bit lengths \d+ and 0$|^hnsw graph not repaired$/
const GRAPH_MENDED = '0.8.4'

/** An empty tally for a run with this version of pgvector. */
export function newTally(pgvector: string): Tally {
  const damages = pgvector.localeCompare(GRAPH_MENDED, 'en', { numeric: true }) < 0
  const tally: Tally = {
    operations: {},
    errors: {},
    kills: { backends: 0, server: 0 },
    wrongResults: [],
    unexpected: [],
    done(kind) {
      tally.operations[kind] = (tally.operations[kind] ?? 0) + 1
    },
    failed(kind, error, expected) {
      const { code, message = String(error) } = error as { code?: string; message?: string }
      const lost = GONE.test(message) || CONNECTION_LOST.includes(code ?? '')
      const damaged = damages && GRAPH_DAMAGED.test(message)
      const name = lost
        ? 'connection lost'
        : damaged
          ? `graph of pgvector ${pgvector}`
          : (code ?? message)
      tally.errors[name] = (tally.errors[name] ?? 0) + 1
      if (!lost && !damaged && !expected.includes(code ?? ''))
        tally.unexpected.push(`${kind}: ${code} ${message}`)
    },
    wrong(what) {
      tally.wrongResults.push(what)
    },
  }
  return tally
}
