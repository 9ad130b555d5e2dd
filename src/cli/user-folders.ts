import { homedir } from 'node:os'
import { join } from 'node:path'

/** Folder of the state that lets killed commands resume, by the XDG base directory specification. */
export function stateFolder(): string {
  return userFolder('XDG_STATE_HOME', join('.local', 'state'))
}

/** Folder of the user's configuration, by the XDG base directory specification. */
export function configFolder(): string {
  return userFolder('XDG_CONFIG_HOME', '.config')
}

function userFolder(variable: string, standard: string): string {
  const named = process.env[variable] ?? ''
  return join(named === '' ? join(homedir(), standard) : named, 'pg-lsh')
}
