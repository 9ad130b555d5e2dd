import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A fenced block of a Markdown text. */
export interface Block {
  readonly language: string
  /** Line of the text at which the block begins, counted from 1. */
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

/** Commands of shell blocks that run `pg-lsh`, with continued lines joined. */
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

/** Placeholders for things that the reader has and a test does not. */
export function hasPlaceholder(command: string): boolean {
  return /\bDIR\b|<[a-z][^>]*>|…|\.\.\./i.test(command) || /postgres(ql)?:\/\//.test(command)
}

/** The arguments that a shell passes to each `pg-lsh` of a command; understands quotes and `&&`. */
export async function argumentsOf(command: string): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-readme-'))
  try {
    const calls = join(folder, 'calls')
    const script = `pg-lsh() { printf '%s\\0' "$@" >>"$CALLS"; printf '\\n\\0' >>"$CALLS"; }
      npx() { shift; pg-lsh "$@"; }
      ${command}`
    await writeFile(calls, '')
    // Commands may redirect their output.
    const env = { ...process.env, CALLS: calls }
    await promisify(execFile)('bash', ['-c', script], { cwd: folder, env })
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

/** The statements of a block, without semicolons and without comments at the ends of lines. */
export function statementsOf(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:--[^\n]*)?(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** A page with outputs inserted into the text blocks that follow their statements; outputs by line of the block. */
export function withOutputs(page: string, outputs: ReadonlyMap<number, string>): string {
  let line = 1
  let output: string | undefined
  return page
    .split(/^(```[^]*?^```\n)/m)
    .map((part) => {
      const known = outputs.get(line + 1)
      line += part.split('\n').length - 1
      if (part.startsWith('```text\n') && output !== undefined) {
        const shown = `\`\`\`text\n${output}\`\`\`\n`
        output = undefined
        return shown
      }
      if (part.startsWith('```')) output = known
      else if (part.trim() !== '') output = undefined
      return part
    })
    .join('')
}

/** Rows as pages show them: a heading, a rule and a line for each row, numbers right-aligned with three digits. */
export function tableOf(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const numeric = names.map((name) =>
    rows.every((row) => /^-?\d+(\.\d+)?$/.test(printed(row[name]))),
  )
  const cells = [names, ...rows.map((row) => Object.values(row).map(printed))]
  const widths = names.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  const pad = (row: readonly string[], heading: boolean) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0
        if (heading && numeric[i])
          return cell.padStart(Math.floor((width + cell.length) / 2)).padEnd(width)
        return numeric[i] ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(' | ')
      .trimEnd()
  const [head = [], ...body] = cells
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-')
  return [pad(head, true), rule, ...body.map((row) => pad(row, false))].join('\n') + '\n'
}

const printed = (value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value)
