import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import type { Explorer } from '../../src/serve/app.js'
import { fencedBlocks } from '../cli/readme.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'
import { explorerOn, get } from './asked.js'

const docs = join(import.meta.dirname, '../../docs')
const page = readFileSync(join(docs, 'explorer.md'), 'utf8')
const blocks = fencedBlocks(page)
const lines = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n').filter((line) => line !== ''))
const database = useTestDatabase()
let explorer: Explorer

beforeAll(async () => {
  await makeSpace(database.store, { space: 'ct_shallow', patients: 4, slices: 4 })
  await makeIndex(database.store, 'ct_shallow', { bits: 32 })
  explorer = explorerOn(database.store)
})

describe('docs/explorer.md', () => {
  it('has commands with options that exist', async () => {
    const commands = lines.filter((line) => line.startsWith('npx pg-lsh'))
    expect(commands.length).toBeGreaterThan(2)
    const program = await createProgram('0')
    const serve = program.commands.find((command) => command.name() === 'serve')
    const known = serve?.options.map(({ long }) => long)
    for (const command of commands) {
      expect(command).toMatch(/^npx pg-lsh serve\b/)
      for (const [option] of command.matchAll(/--[a-z]+/g)) expect(known).toContain(option)
    }
  })

  const asked = lines.flatMap(
    (line) => /'http:\/\/127\.0\.0\.1:8047\/api\/v1([^']*)'/.exec(line)?.[1] ?? [],
  )

  it.each(asked.filter((path) => !path.includes('upload')))(
    'requests a path that exists: %s',
    async (path) => {
      const response = await get(explorer, path)
      expect(response.status).toBe(200)
    },
  )

  it('shows a problem as the API returns it', async () => {
    const shown = blocks.find(({ language }) => language === 'json')?.text ?? ''
    const response = await get(explorer, '/items/999999')
    expect(await response.json()).toEqual(JSON.parse(shown))
  })

  it('shows only pictures that exist and are smaller than 150 kB', () => {
    const pictures = [...page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, name]) =>
      join(docs, name ?? ''),
    )
    expect(pictures.length).toBeGreaterThan(1)
    for (const picture of pictures) {
      expect(existsSync(picture), picture).toBe(true)
      expect(statSync(picture).size).toBeLessThan(150_000)
    }
  })
})
