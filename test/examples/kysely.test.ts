import { Kysely } from 'kysely'
import { Kysely as NextKysely } from 'kysely-next'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openDatabase } from 'pg-lsh'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { useTestDatabase } from '../database.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const next = process.env.PG_LSH_KYSELY === 'next'
const database = useTestDatabase()

describe('Kysely', () => {
  it(`has version ${next ? '0.29' : '0.28'} in this run`, async () => {
    const manifest = `${root}node_modules/${next ? 'kysely-next' : 'kysely'}/package.json`
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    expect(version).toMatch(next ? /^0\.29\./ : /^0\.28\./)
    const db = await openDatabase({ pool: database.store.pool })
    expect(db.constructor).toBe(Kysely)
    expect((db.constructor as unknown) === NextKysely).toBe(next)
  })

  it.each([
    ['tsconfig.json', '/node_modules/kysely/'],
    ['tsconfig.kysely-next.json', '/node_modules/kysely-next/'],
  ])('type-checks %s against %s', (name, path) => {
    const { config } = ts.readConfigFile(root + name, ts.sys.readFile) as { config: unknown }
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    const [from, mode] = [`${root}src/search/nearest.ts`, ts.ModuleKind.ESNext] as const
    const found = ts.resolveModuleName('kysely', from, options, ts.sys, undefined, undefined, mode)
    expect(found.resolvedModule?.resolvedFileName).toContain(path)
  })
})
