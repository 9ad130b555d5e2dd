import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A fenced block of a Markdown text. */
export interface Block {
  readonly language: string
  /** Number of its first line in the text, counted from 1. */
  readonly line: number
  readonly text: string
}

/** The fenced blocks of a Markdown text, in their order. */
export function fencedBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  for (const found of markdown.matchAll(/^ *```(\w+)[^\n]*\n([\s\S]*?)^ *```/gm)) {
    const [, language = '', text = ''] = found
    blocks.push({ language, text, line: markdown.slice(0, found.index).split('\n').length + 1 })
  }
  return blocks
}

/** Commands of shell blocks that run `pg-lsh`, continued lines joined. */
export function pgLshCommands(blocks: readonly Block[]): { line: number; command: string }[] {
  return blocks
    .filter(({ language }) => ['sh', 'bash', 'console'].includes(language))
    .flatMap(({ text, line }) => {
      const commands: { line: number; command: string }[] = []
      let open = ''
      for (const [i, one] of text.split('\n').entries()) {
        const command = open + one.replace(/^\$ /, '')
        open = /\\$/.test(command) ? `${command.slice(0, -1)} ` : ''
        if (open === '') commands.push({ line: line + i, command: command.trim() })
      }
      return commands.filter(({ command }) => /^(npx )?pg-lsh( |$)/.test(command))
    })
}

/** What stands for something that the reader has and a test has not. */
export function hasPlaceholder(command: string): boolean {
  return /\bDIR\b|<[a-z][^>]*>|…|\.\.\./i.test(command) || /postgres(ql)?:\/\//.test(command)
}

/** The arguments that a shell hands to each `pg-lsh` of a command, quotes and `&&` understood. */
export async function argumentsOf(command: string): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-readme-'))
  try {
    const calls = join(folder, 'calls')
    const script = `pg-lsh() { printf '%s\\0' "$@" >>"$CALLS"; printf '\\n\\0' >>"$CALLS"; }
      npx() { shift; pg-lsh "$@"; }
      ${command}`
    await promisify(execFile)('bash', ['-c', script], { env: { ...process.env, CALLS: calls } })
    const words = (await readFile(calls, 'utf8')).split('\0').slice(0, -1)
    const all: string[][] = [[]]
    for (const word of words) {
      if (word === '\n') all.push([])
      else all.at(-1)?.push(word)
    }
    return all.slice(0, -1)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The lines of the text block that stands right behind the block of a line, trimmed cell by cell; null without one. */
export function outputBehind(blocks: readonly Block[], line: number): string[] | null {
  const next = blocks[blocks.findIndex((block) => block.line === line) + 1]
  if (next?.language !== 'text') return null
  return next.text.trimEnd().split('\n').filter(isRow).map(trimCells)
}

/** Rows as a block of README shows them: a heading, then a line each, numbers with three digits at most. */
export function printedRows(rows: readonly Record<string, unknown>[]): string[] {
  const [first = {}] = rows
  return [
    Object.keys(first).join(' | '),
    ...rows.map((row) => Object.values(row).map(printed).join(' | ')),
  ]
}

const isRow = (text: string) => !/^[-+]*$/.test(text)
const trimCells = (text: string) =>
  text
    .split('|')
    .map((cell) => cell.trim())
    .join(' | ')
const printed = (value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value)
