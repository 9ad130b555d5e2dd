import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { openStore } from '../../src/store/connection/connect.js'
import { page, pages } from '../docs/pages.js'
import {
  argumentsOf,
  fencedBlocks,
  hasPlaceholder,
  pgLshCommands,
  statementsOf,
  tableOf,
  withOutputs,
} from './readme.js'
import { useCli } from './run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const embedded = inject('engine') === 'embedded'
/** The pages share one database, in this order. docs/sql.md and docs/analysts.md have tests of their own. */
const run = [
  'README.md',
  'docs/getting-started.md',
  'docs/searching-in-sql.md',
  'docs/settings.md',
  'docs/operations.md',
  'docs/applications.md',
  'docs/runbook.md',
].map(page)

describe('the parser of pages', () => {
  it('finds blocks, commands and the arguments that the shell passes', async () => {
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

  it('finds the statements of a block', () => {
    expect(statementsOf("select ';' as a;\n\nselect\n  2;  -- two\n")).toEqual([
      "select ';' as a",
      'select\n  2',
    ])
  })

  it('inserts outputs where the page has a block for them', () => {
    const text = '```sql\nselect 1\n```\n\n```text\nold\n```\n\n```sql\nselect 2\n```\n'
    expect(withOutputs(text, new Map([[2, 'new\n']]))).toBe(text.replace('old', 'new'))
    expect(
      tableOf([
        { a: 1, name: 'x' },
        { a: 2.5, name: 'yy' },
      ]),
    ).toBe('  a   | name\n------+-----\n    1 | x\n2.500 | yy\n')
  })
})

describe.runIf(embedded)('the commands of all pages', () => {
  it('use only existing subcommands and options', async () => {
    const wrong: string[] = []
    for (const { path, text } of pages) {
      const commands = pgLshCommands(fencedBlocks(text)).map(({ command }) => command)
      for (const args of await argumentsOf(commands.join('\n')))
        await parse(args).catch((error: unknown) =>
          wrong.push(`${path}: ${args.join(' ')}: ${(error as Error).message}`),
        )
    }
    expect(wrong).toEqual([])
  })
})

describe.runIf(embedded)('the pages whose examples run', () => {
  useCli()
  let folder: string
  /** By page, then by the line of the block. */
  const outputs = new Map(run.map(({ path }) => [path, new Map<number, string>()]))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-readme-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('have commands that all run once', async () => {
    const all = run.flatMap(({ path, text }) =>
      pgLshCommands(fencedBlocks(text)).map((one) => ({ path, ...one })),
    )
    const runnable = all.filter(
      ({ command }, i) =>
        !hasPlaceholder(command) && all.findIndex((one) => one.command === command) === i,
    )
    expect(runnable.length).toBeGreaterThan(8)
    for (const { path, line, command } of runnable) {
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
          throw new Error(`${path} line ${line}: ${command}\n${stderr}`)
        },
      )
    }
  }, 600_000)

  it('have programs that run with this package', async () => {
    const found: { path: string; line: number; file: string }[] = []
    for (const { path, text } of run)
      for (const { line, text: program } of fencedBlocks(text).filter(
        ({ language }) => language === 'ts',
      )) {
        // A program inside the package resolves the name of the package to it. The database is that of this test.
        const file = join(root, `dist/readme-${found.length}.mjs`)
        const place = JSON.stringify(join(folder, 'db'))
        const here = program
          .replace('{ url }', '{ dataDir: url }')
          .replace('{ url: ', '{ dataDir: ')
          .replace(/'postgres:[^']*'/, place)
        await writeFile(file, ts.transpile(here, { target: ts.ScriptTarget.ES2022 }))
        found.push({ path, line, file })
      }
    expect(found.length).toBeGreaterThan(4)
    // One process runs all programs, as its start takes longer than they do.
    const each = `for (const file of process.argv.slice(1)) { await import(file); console.log('--') }`
    const files = found.map(({ file }) => file)
    const args = ['--input-type=module', '-e', each, ...files]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
    await Promise.all(files.map((file) => rm(file)))
    for (const [i, printed] of stdout.split('--\n').slice(0, -1).entries()) {
      const { path = '', line = 0 } = found[i] ?? {}
      expect(printed, `${path} line ${line}`).toMatch(/^(phantom\/phantom-)?\d+ \d+/)
      outputs.get(path)?.set(line, printed)
    }
  }, 300_000)

  it('have statements that run in their order', async () => {
    const store = await openStore(join(folder, 'db'))
    try {
      for (const { path, text } of run)
        for (const { line, text: block } of fencedBlocks(text).filter(
          ({ language }) => language === 'sql',
        )) {
          let rows: Record<string, unknown>[] = []
          for (const statement of statementsOf(block)) {
            const result = await store.pool.query(statement).catch((error: unknown) => {
              throw new Error(`${path} line ${line}: ${(error as Error).message}\n${statement}`)
            })
            rows = result.rows as Record<string, unknown>[]
          }
          // Of several statements the output of the last one is shown.
          outputs.get(path)?.set(line, tableOf(rows))
        }
    } finally {
      await store.close()
    }
  }, 300_000)

  /** `vitest -u` writes them. */
  it.each(run)('include the current outputs: $path', async ({ path, text }) => {
    const written = withOutputs(text, outputs.get(path) ?? new Map())
    await expect(written).toMatchFileSnapshot(join(root, path))
  })
})

/** Parses arguments as the command line does, without running a command. */
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
    // Commander ends --help and --version with an error whose exit code is 0.
    if ((error as { exitCode?: number }).exitCode !== 0) throw error
    ran++
  })
  if (ran !== 1) throw new Error(`ran ${ran} commands`)
}
