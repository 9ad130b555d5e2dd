import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeOpenKbp } from '../../src/ingest/openkbp/writer.js'
import { temporaryFolder as folderOfTest, tinyVolume } from '../ingest/fixtures.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()

interface LoadResult {
  dataset: string
  loaded: number
  unchanged: number
  replaced: number
  items: number
  refused: { plan: string; message: string; hint: string }[]
}

/** What is wrong with each plan, and the message about it. */
const defects: Record<string, { damage(folder: string): Promise<void>; message: RegExp }> = {
  'train-pats/pt_2': {
    damage: (folder) => rm(join(folder, 'ct.csv')),
    message: /^train-pats\/pt_2\/ct\.csv is missing/,
  },
  'train-pats/pt_3': {
    damage: (folder) => line(folder, 'ct.csv', 5, () => 'seven,7'),
    message: /^train-pats\/pt_3\/ct\.csv line 5: malformed line "seven,7"/,
  },
  'train-pats/pt_4': {
    damage: (folder) => line(folder, 'dose.csv', 7, () => '2097152,30'),
    message: /^train-pats\/pt_4\/dose\.csv line 7: index 2097152 is out of range/,
  },
  'train-pats/pt_5': {
    damage: (folder) => line(folder, 'dose.csv', 9, (text) => text.replace(',', ',-')),
    message: /^train-pats\/pt_5\/dose\.csv line 9: value -30 is negative/,
  },
  'train-pats/pt_6': {
    damage: (folder) => line(folder, 'ct.csv', 11, (text) => text.replace(/,.*/, ',nan')),
    message: /^train-pats\/pt_6\/ct\.csv line 11: value nan is not finite/,
  },
  'train-pats/pt_8': {
    damage: (folder) => line(folder, 'PTV70.csv', 2, () => '2097152,'),
    message: /^train-pats\/pt_8\/PTV70\.csv line 2: index 2097152 is out of range/,
  },
  'validation-pats/pt_9': {
    damage: async (folder) => {
      const path = join(folder, 'dose.csv')
      const text = await readFile(path, 'utf8')
      await writeFile(path, text.slice(0, text.length - 4))
    },
    message: /^validation-pats\/pt_9\/dose\.csv line \d+: file is cut off/,
  },
}
const good = ['train-pats/pt_1', 'train-pats/pt_7', 'train-pats/pt_10', 'test-pats/pt_11']

let tree: string

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'pg-lsh-load-'))
  const first = join(tree, 'provided-data', ...(good[0] as string).split('/'))
  await writeOpenKbp(tinyVolume(), first)
  for (const plan of [...good.slice(1), ...Object.keys(defects)]) {
    const folder = join(tree, 'provided-data', ...plan.split('/'))
    await cp(first, folder, { recursive: true })
    await defects[plan]?.damage(folder)
  }
})
afterAll(() => rm(tree, { recursive: true, force: true }))

const load = (...args: string[]) =>
  cli(['load', 'openkbp', tree, '--dataset', 'tiny', ...args], { place: place.db })

// Each test continues after the previous one.
describe('pg-lsh load openkbp', () => {
  it('stops at the first refused plan with --strict, and keeps the plans before it', async () => {
    const stopped = await load('--strict')
    expect(stopped.code).toBe(3)
    expect(stopped.stderr).toMatch(
      /^warning: train-pats\/pt_2 refused: train-pats\/pt_2\/ct\.csv is missing\n {2}./m,
    )
    expect(stopped.stderr).toContain('2 plans loaded, 0 replaced, 0 unchanged, 1 refused')
    // test-pats comes first, then train-pats by number.
    expect(await plans()).toEqual(['test-pats/pt_11', 'train-pats/pt_1'])
  })

  it('loads the valid plans, refuses each broken one with file and line, and exits 3', async () => {
    const mixed = await load('--json')
    expect(mixed.code).toBe(3)
    const result = resultOf(mixed) as LoadResult
    expect(result).toMatchObject({
      dataset: 'tiny',
      loaded: 2,
      unchanged: 2,
      replaced: 0,
      items: 4,
    })
    expect(result.refused.map(({ plan }) => plan).sort()).toEqual(Object.keys(defects).sort())
    for (const { plan, message, hint } of result.refused) {
      expect(message).toMatch(defects[plan]?.message as RegExp)
      expect(hint.length).toBeGreaterThan(10)
      expect(mixed.stderr).toContain(`warning: ${plan} refused: ${message}\n  ${hint}`)
    }
    expect(mixed.stderr).toContain('2 plans loaded, 0 replaced, 2 unchanged, 7 refused; 4 slices')
    expect(await plans()).toEqual([...good].sort())
  })

  it('changes nothing on the second run', async () => {
    const before = await everything()
    const again = await load('--json', '--quiet')
    expect(again.code).toBe(3)
    expect(resultOf(again) as LoadResult).toMatchObject({ loaded: 0, unchanged: 4, items: 0 })
    expect(again.stderr).not.toContain('plans loaded')
    expect(await everything()).toEqual(before)
  })

  it('replaces a plan whose files changed, and loads a repaired one', async () => {
    const folder = (plan: string) => join(tree, 'provided-data', ...plan.split('/'))
    await writeOpenKbp(tinyVolume({ k: 62, gy: 68 }), folder('train-pats/pt_7'))
    await cp(
      join(folder('train-pats/pt_1'), 'PTV70.csv'),
      join(folder('train-pats/pt_8'), 'PTV70.csv'),
    )
    const result = resultOf(await load('--json')) as LoadResult
    expect(result).toMatchObject({ loaded: 1, replaced: 1, unchanged: 3, items: 4 })
    expect(result.refused).toHaveLength(6)
  })

  it('exits 0 if no plan is refused', async () => {
    const part = join(tree, 'provided-data', 'test-pats')
    const done = await cli(['load', 'openkbp', part, '--dataset', 'part', '--json'], {
      place: place.db,
    })
    expect(done.code).toBe(0)
    expect(resultOf(done) as LoadResult).toMatchObject({ loaded: 1, items: 2, refused: [] })
  })

  it('exits 1 for a folder that has no plans or does not exist', async () => {
    for (const folder of [await folderOfTest(), join(tree, 'nowhere')]) {
      const failed = await cli(['load', 'openkbp', folder, '--dataset', 'x'], { place: place.db })
      expect(failed).toMatchObject({ code: 1, stdout: '' })
      expect(failed.stderr).toMatch(/^error: .+\nhint: .+/)
    }
  })

  it('stores no path outside the data set in the database', async () => {
    const text = JSON.stringify(await everything())
    expect(text).toContain('train-pats/pt_1')
    expect(text).not.toContain(tmpdir())
    expect(text).not.toContain('pg-lsh-load-')
    expect(text).not.toContain('provided-data')
  })
})

async function plans(): Promise<string[]> {
  return place.withStore(async ({ db }) => {
    const rows = await db.selectFrom('cbir.plan').select('source_key').execute()
    return rows.map(({ source_key }) => source_key).sort()
  })
}

/** Every row of every table of cbir as text, including keys and times. */
async function everything(): Promise<string[]> {
  return place.withStore(async ({ db }) => {
    const tables = ['patient', 'plan', 'item', 'slice', 'structure', 'encoder', 'space']
    const all: string[] = []
    for (const table of tables) {
      const { rows } = await sql<{ row: string }>`
        select ${sql.lit(table)} || one::text as row from ${sql.id('cbir', table)} as one order by 1`.execute(
        db,
      )
      all.push(...rows.map(({ row }) => row))
    }
    return all
  })
}

/** Changes one line of a file, counted from 1. */
async function line(
  folder: string,
  name: string,
  number: number,
  change: (text: string) => string,
): Promise<void> {
  const path = join(folder, name)
  const lines = (await readFile(path, 'utf8')).split('\n')
  lines[number - 1] = change(lines[number - 1] as string)
  await writeFile(path, lines.join('\n'))
}
