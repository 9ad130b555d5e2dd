import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where commands keep what they need to go on after they were killed; as the XDG base directories say. */
export function stateFolder(): string {
  return userFolder('XDG_STATE_HOME', join('.local', 'state'))
}

/** Where commands keep what the user has chosen; as the XDG base directories say. */
export function configFolder(): string {
  return userFolder('XDG_CONFIG_HOME', '.config')
}

function userFolder(variable: string, standard: string): string {
  const named = process.env[variable] ?? ''
  return join(named === '' ? join(homedir(), standard) : named, 'pg-lsh')
}
