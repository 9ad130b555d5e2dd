import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where commands keep what they need to go on after they were killed; as the XDG base directories say. */
export function stateFolder(): string {
  const state = process.env.XDG_STATE_HOME ?? ''
  return join(state === '' ? join(homedir(), '.local', 'state') : state, 'pg-lsh')
}
