import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { listen, USUAL_PORT } from '../../serve/listen.js'
import { isPgError } from '../../store/connection/errors.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'

interface ServeCommandOptions {
  port: number
  host: string
  token?: string
  timeout: number
  open?: boolean
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'start the explorer, which shows the database in a browser, with a JSON API; it only reads, and Ctrl-C ends it',
    )
    .option(
      '--port <number>',
      'port to listen on; 0 selects a free one',
      wholeNumber(0),
      USUAL_PORT,
    )
    .option(
      '--host <address>',
      'address to listen on; other machines can reach it unless it is a loopback address',
      '127.0.0.1',
    )
    .option(
      '--token <text>',
      'token that a browser must send (default: none on a loopback address, elsewhere a random one)',
    )
    .option('--timeout <seconds>', 'time limit of a database statement', wholeNumber(1), 20)
    .option('--open', 'open it in the browser')
    .action(async (options: ServeCommandOptions, command: Command) => {
      const { output, signal, withStore } = contextOf(
        command,
        'the explorer ends. Ctrl-C again ends at once.',
      )
      const { host, port, token, timeout } = options
      await withStore(async (store) => {
        const listening = await listen(store, {
          host,
          port,
          timeoutMs: 1000 * timeout,
          version: command.parent?.version() ?? '',
          ...(token !== undefined && { token }),
          onError: (error) => output.warn(describe(error)),
        })
        const { url } = listening
        if (!output.json) output.stdout.write(`${url}\n`)
        output.say(`the explorer reads ${store.location}; Ctrl-C ends it`)
        output.result({ url, port: listening.port })
        if (options.open) openBrowser(url, (message) => output.warn(message))
        if (!signal.aborted) await once(signal, 'abort')
        await listening.close()
        // Ctrl-C is the normal end, not a failure.
        process.exitCode = 0
      })
    })
}

/**
 * Text of an error for the terminal. Errors of the database are reduced to their code, because messages may contain
 * values of rows.
 */
function describe(error: unknown): string {
  if (isPgError(error)) return `a statement failed with SQLSTATE ${error.code}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function openBrowser(url: string, warn: (message: string) => void): void {
  const programs: Partial<Record<NodeJS.Platform, [string, string[]]>> = {
    darwin: ['open', [url]],
    win32: ['cmd', ['/c', 'start', '""', url]],
  }
  const [program, args] = programs[process.platform] ?? ['xdg-open', [url]]
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.on('error', () => warn('no browser could be opened; open the address yourself'))
  child.unref()
}
