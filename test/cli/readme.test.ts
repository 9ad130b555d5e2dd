import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import {
  argumentsOf,
  fencedBlocks,
  hasPlaceholder,
  outputBehind,
  pgLshCommands,
  printedRows,
} from './readme.js'
import { openStore } from '../../src/store/connect.js'
import { useCli } from './run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = fencedBlocks(readme)
const commands = pgLshCommands(blocks)
const statements = blocks.filter(({ language }) => language === 'sql')
const embedded = inject('engine') === 'embedded'

describe('the reader of README.md', () => {
  it('finds blocks, commands and what the shell makes of them', async () => {
    const found = fencedBlocks(
      'a\n```sh\nnpx pg-lsh sql \\\n  "select 1"\nls\n```\n```sql\nselect 1\n```\n',
    )
    expect(found.map(({ language, line }) => [language, line])).toEqual([
      ['sh', 3],
      ['sql', 8],
    ])
    const [only] = pgLshCommands(found)
    expect(only).toEqual({ line: 4, command: 'npx pg-lsh sql    "select 1"' })
    expect(await argumentsOf(`pg-lsh sql 'a b' && npx pg-lsh doctor`)).toEqual([
      ['sql', 'a b'],
      ['doctor'],
    ])
    expect(hasPlaceholder('pg-lsh load openkbp DIR --dataset x')).toBe(true)
    expect(hasPlaceholder('pg-lsh load synthetic')).toBe(false)
  })
})

describe.runIf(embedded)('README.md', () => {
  useCli()
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-readme-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('has commands and statements to try', () => {
    expect(commands.length).toBeGreaterThan(0)
    expect(statements.length).toBeGreaterThan(0)
  })

  it.each(commands)(
    'line $line: $command, has only commands and options that exist',
    async ({ command }) => {
      for (const args of await argumentsOf(command)) await parse(args)
    },
  )

  it('has commands that run, one after the other, on one database', async () => {
    // The demo has a test of its own, and a database of its own.
    const runnable = commands.filter(
      ({ command }) => !hasPlaceholder(command) && !/pg-lsh (demo|complete)\b/.test(command),
    )
    for (const { line, command } of runnable) {
      const script = `pg-lsh() { "$NODE" "$MAIN" "$@"; }
        npx() { shift; pg-lsh "$@"; }
        set -o pipefail
        ${command}`
      const env = {
        ...process.env,
        NODE: process.execPath,
        MAIN: join(root, 'dist/cli/main.js'),
        DATABASE_URL: join(folder, 'db'),
      }
      await promisify(execFile)('bash', ['-c', script], { cwd: folder, env }).catch(
        (error: unknown) => {
          const { stderr } = error as { stderr: string }
          throw new Error(`README.md line ${line}: ${command}\n${stderr}`)
        },
      )
    }
  }, 600_000)

  it('has statements that run, one after the other, on the database of the commands', async () => {
    const store = await openStore(join(folder, 'db'))
    try {
      for (const { line, text: statement } of statements) {
        const result = await store.pool.query(statement).catch((error: unknown) => {
          throw new Error(`README.md line ${line}: ${(error as Error).message}\n${statement}`)
        })
        const printed = outputBehind(blocks, line)
        // Of several statements the last one is shown.
        const last = [result].flat().at(-1) as typeof result
        if (printed !== null) expect(printed).toEqual(printedRows(last.rows))
      }
    } finally {
      await store.close()
    }
  })

  it('has programs that run on it, with this package for theirs', async () => {
    const programs = blocks.filter(({ language }) => language === 'ts')
    expect(programs.length).toBeGreaterThan(0)
    for (const { line, text: program } of programs) {
      // Inside the package its own name is found; on this database instead of the reader's.
      const file = join(root, `dist/readme-${line}.mjs`)
      const place = JSON.stringify(join(folder, 'db'))
      const here = program
        .replace('{ url }', '{ dataDir: url }')
        .replace('{ url: ', '{ dataDir: ')
        .replace(/'postgres:[^']*'/, place)
      await writeFile(file, ts.transpile(here, { target: ts.ScriptTarget.ES2022 }))
      const { stdout } = await promisify(execFile)(process.execPath, [file])
      expect(stdout).toMatch(/^(phantom\/phantom-)?\d+ \d+/)
    }
  })

  it('has no gap left to fill', () => {
    expect(readme).not.toMatch(/@@|TODO/)
  })
})

/** Parses arguments as the command line does, without doing anything. */
async function parse(args: readonly string[]): Promise<void> {
  const program = await createProgram('0', args)
  let ran = 0
  const disarm = (command: Command) => {
    if (command.commands.length === 0)
      command.action(() => {
        ran++
      })
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    for (const below of command.commands) disarm(below)
  }
  disarm(program)
  await program.parseAsync([...args], { from: 'user' }).catch((error: unknown) => {
    // Help and version are asked for by an error that is none.
    if ((error as { exitCode?: number }).exitCode !== 0) throw error
    ran++
  })
  expect(ran).toBe(1)
}
