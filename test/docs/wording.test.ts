import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const files = execFileSync('git', ['ls-files', 'src', 'sql', 'migrations'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(ts|sql)$/.test(path) && existsSync(join(root, path)))

/** Words and phrases that PostgreSQL's style guide for messages or a native reader would not accept. */
const unwanted: readonly [RegExp, string][] = [
  [/\bwhoever\b/i, 'name the role or the program'],
  [/\bwhat is left of\b/i, 'say what remains'],
  [/\b[Tt]ake (another|one of|a|an|the)\b/, 'use'],
  [/\bexists? already\b/, 'already exists'],
  [/\banew\b/, 'again'],
  [/\bnot known is\b/, 'subject first: is not known'],
  [/\bshall\b/, 'must, or the present'],
  [/\bis not yours\b/, 'must be owner of'],
  [/\bset apart\b/, 'held out'],
  [/\bgive(s|n)? back\b/, 'reconstruct'],
]

function faultsOf(text: string): string[] {
  return unwanted.flatMap(([pattern, better]) =>
    pattern.test(text) ? [`${text.slice(0, 80)}: ${better}`] : [],
  )
}

/** Texts that users read: the arguments of LshError, hints, and descriptions of commands and options. */
function messagesOf(source: string): string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'LshError')
      node.arguments?.forEach(collect)
    else if (ts.isPropertyAssignment(node) && node.name.getText() === 'hint')
      collect(node.initializer)
    else if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      /^(description|summary|option|requiredOption|argument)$/.test(node.expression.name.text)
    )
      node.arguments.forEach(collect)
    node.forEachChild(visit)
  }
  const collect = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) texts.push(node.text)
    else if (ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) texts.push(node.text)
    else node.forEachChild(collect)
  }
  visit(ts.createSourceFile('a.ts', source, ts.ScriptTarget.ES2022, true))
  return texts
}

/** Quoted texts of raise statements and of comments on objects. */
function textsOfSql(source: string): string[] {
  const parts = source.match(/\b(raise (exception|warning|notice)|comment on)\b[^]*?;\n/g) ?? []
  return parts.flatMap((part) =>
    [...part.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => text),
  )
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const texts = files.flatMap((path) =>
  (path.endsWith('.ts') ? messagesOf : textsOfSql)(read(path)).map((text) => ({ path, text })),
)

describe('messages, hints, help and comments on objects', () => {
  it('are found in the sources', () => {
    expect(texts.length).toBeGreaterThan(1200)
  })

  it('have none of the unwanted phrases', () => {
    expect(
      texts.flatMap(({ path, text }) => faultsOf(text).map((one) => `${path}: ${one}`)),
    ).toEqual([])
  })
})

describe('messages of errors', () => {
  const messages = files.flatMap((path) => {
    const found = path.endsWith('.sql')
      ? [...read(path).matchAll(/raise (?:exception|warning)\s+'((?:[^']|'')*)'/g)]
      : [...read(path).matchAll(/new LshError\(\s*'\w+',\s*['`]([^'`\n]*)['`],/g)]
    return found.map(([, text = '']) => ({ path, text }))
  })

  it('begin without a capital letter, except for names, and end without a full stop', () => {
    expect(messages.length).toBeGreaterThan(250)
    const names = /^(PostgreSQL|DICOM|HU|Gy|SQL|CT|COPY|CommonJS|Parquet)\b/
    expect(
      messages.filter(
        ({ text }) => (/^[A-Z]/.test(text) && !names.test(text)) || text.endsWith('.'),
      ),
    ).toEqual([])
  })
})

describe('hints', () => {
  it('end with the punctuation of a sentence', () => {
    const hints = files
      .filter((path) => path.endsWith('.sql'))
      .flatMap((path) =>
        [...read(path).matchAll(/\bhint = (?:format\()?'((?:[^']|'')*)'/g)].map(
          ([, text = '']) => ({
            path,
            text,
          }),
        ),
      )
    expect(hints.length).toBeGreaterThan(100)
    expect(hints.filter(({ text }) => text !== '' && !/[.:?]["')]*\s*$/.test(text))).toEqual([])
  })
})

describe('faultsOf', () => {
  it('finds each unwanted phrase and nothing else', () => {
    expect(faultsOf('Take another name, or ask whoever has it')).toHaveLength(2)
    expect(faultsOf('Choose another name.')).toEqual([])
  })
})
