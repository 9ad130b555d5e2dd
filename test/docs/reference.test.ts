import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Application,
  Logger,
  LogLevel,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
  type Comment,
} from 'typedoc'
import { beforeAll, describe, expect, it } from 'vitest'
import { compiledCalls } from './compiled-calls.js'
import { matchesSql, sqlOf } from './documented-sql.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const said: string[] = []
/** By exported function, the comment of each of its signatures. */
const comments = new Map<string, (Comment | undefined)[]>()

beforeAll(async () => {
  const options = { options: root, tsconfig: join(root, 'tsconfig.build.json') }
  const app = await Application.bootstrap(options, [new TypeDocReader(), new TSConfigReader()])
  app.logger = new Logger()
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) said.push(message)
  }
  const project = await app.convert()
  if (!project) throw new Error(said.join('\n'))
  app.validate(project)
  // Some warnings come only from the renderer, such as one of a language that it cannot highlight.
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-docs-'))
  await app.generateDocs(project, folder)
  await rm(folder, { recursive: true })
  for (const one of project.getReflectionsByKind(ReflectionKind.Function))
    if (one.isDeclaration())
      comments.set(one.name, one.signatures?.map((each) => each.comment) ?? [])
})

describe('the API reference', () => {
  it('is built without a warning', () => {
    expect(said).toEqual([])
  })

  it('has a comment on each exported function', () => {
    expect(comments.size).toBeGreaterThan(30)
    for (const [name, all] of comments) {
      const texts = all.map((comment) =>
        comment?.summary
          .map(({ text }) => text)
          .join('')
          .trim(),
      )
      expect(texts, name).not.toContain(undefined)
      expect(texts, name).not.toContain('')
    }
  })

  it('shows the SQL of exactly the functions in compiledCalls', () => {
    const shown = [...comments].filter(([, all]) => all.some((comment) => sqlOf(comment).length))
    const names = shown.map(([name]) => name)
    expect(Object.keys(compiledCalls)).toEqual(expect.arrayContaining(names))
    expect(names).toEqual(
      expect.arrayContaining(Object.keys(compiledCalls).filter((name) => comments.has(name))),
    )
  })
})

describe('the SQL in the comment of', () => {
  it.each(Object.entries(compiledCalls))(
    '%s matches what a call compiles to',
    async (name, compile) => {
      const shown = (comments.get(name) ?? []).flatMap(sqlOf)
      const compiled = await compile()
      for (const one of shown)
        expect(matchesSql(one, compiled), `${one}\n---\n${compiled}`).toBe(true)
    },
  )
})

describe('matchesSql', () => {
  it.each([
    ['select  *\n from a', 'select * from a'],
    ['f($1, $2::vector)', 'f($4::int, $5)'],
    ['select … from (\n  select 1\n) as "a" …', 'select b from (select 1) as "a" where c'],
    ['f(a, …)', 'f(a, b => 1)'],
  ])('accepts %j for %j', (shown, compiled) => {
    expect(matchesSql(shown, compiled)).toBe(true)
  })

  it.each([
    ['select a from b', 'select a from b where c'],
    ['f($1)', 'f(1)'],
    ['select … from a', 'select b from c'],
    ['f(a, b)', 'f(a, c)'],
    ['a.b', 'a,b'],
  ])('rejects %j for %j', (shown, compiled) => {
    expect(matchesSql(shown, compiled)).toBe(false)
  })
})
