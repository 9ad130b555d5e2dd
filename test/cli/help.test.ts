import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { describe, expect, inject, it } from 'vitest'
import { reportError } from '../../src/cli/errors.js'
import { createProgram } from '../../src/cli/program.js'
import { cli, useCli } from './run.js'
import { memoryStream } from './streams.js'

useCli()

/** The words of every command except that for completion. */
const commands = wordsBelow(await createProgram('0')).filter(([first]) => first !== 'complete')

function wordsBelow({ commands: below }: Command): string[][] {
  return below.flatMap((command) => [
    [command.name()],
    ...wordsBelow(command).map((words) => [command.name(), ...words]),
  ])
}

/** Runs a command line in this process, as a process for each command would take minutes. */
async function inProcess(args: readonly string[]) {
  const [stdout, stderr] = [memoryStream(), memoryStream()]
  const program = await createProgram('0', args)
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
    command.configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
  const code = await program.parseAsync([...args], { from: 'user' }).then(
    () => 0,
    (error: unknown) => reportError(error, { stderr }),
  )
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

// These tests open no database, so one engine suffices.
describe.runIf(inject('engine') === 'embedded')('help', () => {
  it('lists every command, the global options, and examples', async () => {
    const { code, stdout } = await cli(['--help'])
    expect(code).toBe(0)
    for (const [command] of commands)
      expect(stdout).toMatch(new RegExp(`^  ${command ?? ''}\\b`, 'm'))
    for (const option of ['--db <place>', '--json', '--quiet', '--version', 'Examples:'])
      expect(stdout).toContain(option)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('DATABASE_URL, else ./.pg-lsh')
    const listed = stdout.split('Commands:')[1]?.split('Examples:')[0] ?? ''
    const named = [...listed.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name as string)
    const known = commands.map(([name]) => name as string)
    expect(commands.length).toBeGreaterThan(45)
    expect(new Set(named)).toEqual(new Set([...known, 'complete', 'help']))
  })

  it('shows the usage and the global options of each command', async () => {
    for (const command of commands) {
      const { code, stdout, stderr } = await inProcess([...command, '--help'])
      expect([command, code, stderr]).toEqual([command, 0, ''])
      expect(stdout).toMatch(new RegExp(`^Usage: pg-lsh ${command.join(' ')}\\b`))
      expect(stdout).toMatch(/^ {2}--db <place>/m)
      // A sentence that says what the command does stands between usage and options.
      expect(stdout.split('\n\n')[1]).toMatch(/^[a-z].{20}/)
    }
  })

  it('prints the version of the package', async () => {
    const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})

describe.runIf(inject('engine') === 'embedded')('bad usage', () => {
  it.each([
    ['an unknown command', ['lod'], /^error: unknown command 'lod'/m],
    ['an unknown option', ['doctor', '--fast'], /^error: unknown option '--fast'/m],
    ['a missing option', ['search', '--item', '1'], /^error: required option '--space/m],
    ['no slice', ['search', '--space', 'ct_shallow'], /^error: a search needs a query/m],
    ['a missing argument', ['load', 'openkbp', '--dataset', 'x'], /^error: missing required arg/m],
    ['a number that is none', ['search', '--space', 's', '--item', '1', '-k', '0'], /at least 1/],
    ['a fraction', ['search', '--space', 's', '--item', '1.5'], /whole number/],
    ['a choice that is none', ['sql', 'select 1', '--format', 'xml'], /table, csv, json/],
    ['a command without its own', ['family'], /Usage: pg-lsh family/],
  ])('exits 2 for %s and prints only to stderr', async (_, args, message) => {
    const { code, stdout, stderr } = await inProcess(args)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('sets the exit code of the process', async () => {
    expect(await cli(['lod'])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe.runIf(inject('engine') === 'embedded')('completion', () => {
  it.each(['bash', 'zsh'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await cli(['complete', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('pg-lsh')
    expect(stdout.split('\n').length).toBeGreaterThan(10)
  })

  it('completes the name of a command', async () => {
    const { code, stdout } = await cli(['complete', '--', 'mig'])
    expect(code).toBe(0)
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toContain('migrate')
    expect(stdout).not.toMatch(/^doctor/m)
  })

  it('completes the options of a command', async () => {
    const { stdout } = await cli(['complete', '--', 'compare', '--q'])
    expect(stdout).toMatch(/^--queries\b/m)
  })

  it('completes grant, revoke and their subcommands', async () => {
    for (const word of ['grant', 'revoke']) {
      expect((await cli(['complete', '--', word.slice(0, 3)])).stdout).toMatch(
        new RegExp(`^${word}\\b`, 'm'),
      )
      expect((await cli(['complete', '--', word, 'r'])).stdout).toMatch(/^reader\b/m)
    }
  })

  it('completes a subcommand', async () => {
    const { stdout } = await cli(['complete', '--', 'load', 'op'])
    expect(stdout).toMatch(/^openkbp\b/m)
  })
})
