#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fromFileError } from '../core/file-errors.js'
import { fromPgError } from '../store/connection/errors.js'
import { reportError } from './errors.js'
import { createProgram } from './program.js'

const manifest = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }

// A reader that closes the pipe early, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  const program = await createProgram(version, process.argv.slice(2))
  await program.parseAsync()
} catch (error) {
  const code = reportError(fromFileError(fromPgError(error)))
  // An interrupt has already set its own code.
  process.exitCode ??= code
}
