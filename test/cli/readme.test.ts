import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { argumentsOf, fencedBlocks, hasPlaceholder, pgLshCommands } from './readme.js'
import { openPlace, type Place } from './place.js'
import { cli, useCli } from './run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = text(join(root, 'README.md'))
const blocks = fencedBlocks(readme ?? '')
const commands = pgLshCommands(blocks)
const statements = blocks.filter(({ language }) => language === 'sql')
const embedded = inject('engine') === 'embedded'

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

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

describe.runIf(readme !== null && embedded)('README.md', () => {
  useCli()
  let folder: string
  let prepared: Place | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-readme-'))
  })
  afterAll(async () => {
    await prepared?.remove()
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

  it('has statements that run, one after the other, once all spaces are filled', async () => {
    prepared = await openPlace()
    await prepare(prepared.db)
    await prepared.withStore(async ({ pool }) => {
      for (const { line, text: statement } of statements) {
        await pool.query(statement).catch((error: unknown) => {
          throw new Error(`README.md line ${line}: ${(error as Error).message}\n${statement}`)
        })
      }
    })
  }, 600_000)
})

describe.runIf(readme === null)('README.md', () => {
  it.skip('is absent: its commands and statements are tried as soon as it is there', () =>
    undefined)
})

/** Parses arguments as the command line does, without doing anything. */
async function parse(args: readonly string[]): Promise<void> {
  const program = createProgram('0')
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

/** The whole way on a small cohort, as fast as it still learns. */
async function prepare(db: string): Promise<void> {
  const spaces = ['ct_shallow', 'dose_shallow', 'joint_shallow']
  const steps = [
    'load synthetic --patients 12',
    'train --dataset synthetic --space ct_shallow --space dose_shallow --every 4 --epochs 8',
    ...spaces.map((space) => `encode --space ${space}`),
    ...spaces.map((space) => `family create --space ${space}`),
    ...spaces.map((space) => `index create --space ${space}`),
  ]
  for (const step of steps) {
    const { code, stderr } = await cli([...step.split(' '), '--quiet'], { place: db })
    expect([step, code, stderr]).toEqual([step, 0, ''])
  }
}
