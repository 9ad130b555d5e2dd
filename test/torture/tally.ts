/** What happened in a torture run. */
import { CONNECTION_LOST } from './operations.js'

export interface Tally {
  readonly operations: Record<string, number>
  /** By SQLSTATE, or the code of the system. */
  readonly errors: Record<string, number>
  readonly kills: { backends: number; server: number }
  readonly wrongResults: string[]
  readonly unexpected: string[]
  done(kind: string): void
  /** Counts an error; one that nobody at work at the same time explains is kept with its words. */
  failed(kind: string, error: unknown, expected: readonly string[]): void
  wrong(what: string): void
}

/** The connection is gone, whatever the driver calls it. */
const GONE =
  /terminated|not queryable|ECONNRESET|ECONNREFUSED|EPIPE|Connection ended|closed the connection/

export function newTally(): Tally {
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
      const name = lost ? 'connection lost' : (code ?? message)
      tally.errors[name] = (tally.errors[name] ?? 0) + 1
      if (!lost && !expected.includes(code ?? ''))
        tally.unexpected.push(`${kind}: ${code} ${message}`)
    },
    wrong(what) {
      tally.wrongResults.push(what)
    },
  }
  return tally
}
