/** A database of made-up patients, the explorer that serves it, and a browser. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { cli } from '../cli/run.js'

/** Paths at which a browser may be installed; PG_LSH_CHROMIUM names a different one. */
const PLACES = [
  process.env.PG_LSH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

export interface Started {
  readonly browser: Browser
  readonly url: string
  /** Errors of all pages so far. */
  readonly errors: string[]
  page(options?: BrowserContextOptions): Promise<Page>
  /** Sends SIGINT to the server, as Ctrl-C does, and returns its exit code. */
  interrupt(): Promise<number | null>
  close(): Promise<void>
}

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Fills a database, from files to an index, serves it, and opens a browser. */
export async function startExplorer(): Promise<Started> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place))
  if (executablePath === undefined)
    throw new Error('no Chromium is here: install it, or name one by PG_LSH_CHROMIUM')
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-e2e-'))
  const place = join(folder, 'db')
  for (const args of [
    ['load', 'synthetic', '--patients', '5'],
    ['train', '--dataset', 'synthetic', '--space', 'pca128_body'],
    ['encode', '--space', 'pca128_body'],
    ['index', 'create', '--space', 'pca128_body'],
    // A second space of the same items that holds only the first eight elements.
    ['sql', `select cbir.create_space('second_axes', 8, parts => '[]')`],
    [
      'sql',
      'insert into space.second_axes select item_id, subvector(embedding, 1, 8) from space.pca128_body',
    ],
    [
      'family',
      'create',
      '--space',
      'second_axes',
      '--kind',
      'cosine',
      '--bits',
      '64',
      '--name',
      'short',
    ],
    ['index', 'create', '--space', 'second_axes', '--family', 'short'],
  ]) {
    const { code, stderr } = await cli(args, { place })
    if (code !== 0) throw new Error(`pg-lsh ${args.join(' ')}: ${stderr}`)
  }
  const server = spawn(process.execPath, [main, '--db', place, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await firstLine(server)
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const errors: string[] = []
  return {
    browser,
    url,
    errors,
    page: async (options) => {
      const page = await (await browser.newContext(options)).newPage()
      watch(page, url, errors)
      return page
    },
    interrupt: async () => {
      server.kill('SIGINT')
      const [code] = (await once(server, 'exit')) as [number | null]
      return code
    },
    close: async () => {
      await browser.close()
      if (server.exitCode === null) {
        server.kill('SIGINT')
        await once(server, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function firstLine(server: ChildProcess): Promise<string> {
  if (!server.stdout) throw new Error('the server has no stdout')
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const { value, done } = await lines.next()
  if (done !== true) return value
  throw new Error('the server ended before it listened')
}

/** Records errors of the page, and requests to other hosts. */
function watch(page: Page, url: string, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // The browser also logs the refusals that tests provoke.
    if (/status of 4\d\d/.test(message.text())) return
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('request', (request) => {
    const asked = request.url()
    if (!asked.startsWith(url) && !/^(data|blob):/.test(asked)) errors.push(`asks for ${asked}`)
  })
}
