import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { LshError } from '../core/errors.js'
import type { TextStream } from './output.js'

export interface ErrorOptions {
  /** Stream for the message. (Default: process.stderr) */
  stderr?: TextStream
  /** Shows stacks and causes. (Default: whether DEBUG is set) */
  debug?: boolean
}

/** Prints an error and returns the exit code: 2 for bad usage, 1 for all other errors. */
export function reportError(error: unknown, options: ErrorOptions = {}): number {
  const { stderr = process.stderr, debug = Boolean(process.env.DEBUG) } = options
  // Commander has already printed the message; help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  stderr.write(`error: ${messageOf(error)}\n`)
  if (error instanceof LshError) stderr.write(`hint: ${error.hint}\n`)
  else if (!debug) stderr.write('hint: DEBUG=1 shows where it comes from\n')
  if (debug) stderr.write(`${inspect(error)}\n`)
  return error instanceof LshError && error.code === 'bad_usage' ? 2 : 1
}

/** The message of any thrown value; for a refused connection, those of its attempts. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ')
  }
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  return String(error)
}
