import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { space: 'ct_shallow', patients: 4, slices: 5 })
  await makeIndex(database.store, 'ct_shallow')
  // Only one process at a time can open an embedded database.
  await database.store.close()
})

/** Runs a program of examples/ on this database, as a reader does. */
function start(example: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${example}`, ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: database.place, PORT: '0' },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => (output.stdout += String(data)))
  child.stderr.on('data', (data) => (output.stderr += String(data)))
  const ended = new Promise<{ code: number | null } & typeof output>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }))
  })
  return { child, ended }
}

describe('a reader', () => {
  it('can run explore.ts', async () => {
    const { code, stdout, stderr } = await start('explore.ts', String(items[7]!.item)).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('compareWithExact')
    expect(stdout.match(/│/g)!.length).toBeGreaterThan(50)
  })

  it('can run near-duplicates.ts', async () => {
    const { code, stdout, stderr } = await start(
      'near-duplicates.ts',
      ...['--threshold', '99', '--ndjson'],
    ).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '20 slices\n' })
    const pairs = stdout.trim().split('\n')
    expect(pairs.length).toBeGreaterThan(20)
    expect(JSON.parse(pairs[0]!)).toMatchObject({ item: items[0]!.item, patient: 'pt_1' })
  })

  it('can start and stop plans-like-this/server.ts', async () => {
    const { child, ended } = start('plans-like-this/server.ts')
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (data) => {
        const [found] = /http:\S+/.exec(String(data)) ?? []
        if (found) resolve(found)
      })
      void ended.then(({ stderr }) => reject(new Error(stderr)))
    })
    const plans = await fetch(`${url}/plans/1/similar?k=2`)
    const found = (await plans.json()) as { similar: object[] }
    expect(found.similar).toHaveLength(2)
    const slices = await fetch(`${url}/slices/${items[0]!.item}/similar?k=zero`)
    expect(slices.status).toBe(400)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })
})
