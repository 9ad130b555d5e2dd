import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  madeDicomPlan,
  secrets,
  writeFiles,
  type MadePlanOptions,
} from '../ingest/dicom/made-plan.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string
let keyFile: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-dicom-'))
  keyFile = join(folder, 'keys', 'pseudonym.key')
  await writeFiles(join(folder, 'archive'), madeDicomPlan())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const archive = () => join(folder, 'archive')
const load = (...args: string[]) =>
  cli(['load', 'dicom', archive(), '--dataset', 'clinic', '--json', ...args], { place: place.db })
const audit = () => cli(['audit', 'privacy', archive(), '--json'], { place: place.db })

const drawn = (name: string, planes: number, spacingMm: number | null, cc: number) => ({
  name,
  planes,
  spacingMm,
  volumeCc: expect.closeTo(cc, 2) as number,
  dosedShare: expect.closeTo(1, 9) as number,
})

// Each test continues after the previous one.
describe('pg-lsh load dicom', () => {
  it('loads the plan with a key for pseudonyms that it creates with private permissions', async () => {
    const loaded = await load('--pseudonym-key-file', keyFile)
    expect(loaded.code).toBe(0)
    expect(resultOf(loaded)).toMatchObject({ loaded: 1, items: 7, refused: [], leftOut: [] })
    expect(loaded.stderr).toContain(`created the key of the pseudonyms in ${keyFile}`)
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    expect((await readFile(keyFile, 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/)
    const [plan] = await place.withStore(({ db }) =>
      db.selectFrom('cbir.plans').selectAll().execute(),
    )
    expect(plan).toMatchObject({
      dataset: 'clinic',
      prescription_gy: 60,
      fractions: 30,
      radiation: 'photon',
      technique: 'arc',
      structures: ['PTV60', 'SpinalCord', 'Structure_3'],
    })
  })

  it('recognises the plan when it is loaded again with the same key', async () => {
    const again = await load('--pseudonym-key-file', keyFile)
    expect(resultOf(again)).toMatchObject({ loaded: 0, unchanged: 1 })
    expect(again.stderr).not.toContain('created the key')
  })

  it('explains on stderr and in JSON how the plan was joined and read', async () => {
    const explained = await load('--pseudonym-key-file', keyFile, '--explain')
    expect(explained.code).toBe(0)
    const { explained: plans } = resultOf(explained) as { explained: Record<string, unknown>[] }
    expect(plans).toEqual([
      {
        plan: expect.stringMatching(/^[0-9a-f]+\/[0-9a-f]+$/) as string,
        joined: {
          plan: 'plan.dcm',
          structures: 'structures.dcm',
          ct: '7 files, the CT series that the structure set names',
          dose: 'PLAN (dose.dcm)',
        },
        structures: [
          // A target of 80 x 80 mm with a hole of 16 x 16 mm on four planes, a cord on seven.
          drawn('PTV60', 4, 3, 73.728),
          drawn('SpinalCord', 7, 3, 5.376),
          drawn('Structure_3', 1, null, 0.768),
        ],
        assumed: [],
        refused: null,
      },
    ])
    expect(explained.stderr).toContain('RT plan: plan.dcm')
    expect(explained.stderr).toContain('dose: PLAN (dose.dcm)')
    expect(explained.stderr).toContain(
      'structure PTV60: 4 planes 3.00 mm apart, 73.728 cc, 100.0 % covered by the dose',
    )
    expect(explained.stderr).toContain('nothing was assumed')
  })

  it('explains assumptions, incomplete coverage by the dose, and the reason why a plan is refused', async () => {
    const explain = async (name: string, options: MadePlanOptions) => {
      await writeFiles(join(folder, name), madeDicomPlan(options))
      const run = await cli(
        ['load', 'dicom', join(folder, name), '--dataset', name, '--explain', '--json'].concat([
          '--pseudonym-key-file',
          keyFile,
        ]),
        { place: place.db },
      )
      return (resultOf(run) as { explained: Record<string, unknown>[] }).explained
    }
    const loose = await explain('loose', {
      plan: { '300a,0010': null },
      dose: { '3004,000a': null },
    })
    expect(loose).toMatchObject([
      {
        joined: { dose: 'the only dose (dose.dcm)' },
        assumed: [
          'dose dose.dcm: (3004,000A) Dose Summation Type is missing; it is the only dose and is taken to be that of the plan',
          'the prescription of 60 Gy is taken from the names of the targets',
        ],
      },
    ])
    const short = await explain('short', { doseHeights: [-15, -10, -5, 0, 5] })
    expect(short).toMatchObject([
      {
        structures: [{ name: 'PTV60' }, { name: 'SpinalCord' }, { name: 'Structure_3' }],
        assumed: [
          'the dose grid does not reach 1 of 7 slices of the CT; their dose images show 0 Gy',
          'the dose covers 85.7 % of SpinalCord, less than 99.0 %: it has no figures of dose',
        ],
      },
    ])
    const refused = await explain('refused', { dose: { '3004,000e': ['DS', '0'] } })
    expect(refused).toMatchObject([
      { structures: [], refused: expect.stringContaining('dose.dcm') as string },
    ])
  })

  it('verifies that the plan is stored as it is in the files', async () => {
    const verify = ['verify', 'dicom', archive(), '--dataset', 'clinic', '--json']
    const run = await cli([...verify, '--pseudonym-key-file', keyFile], { place: place.db })
    expect(run.code).toBe(0)
    expect(resultOf(run)).toMatchObject({ plans: 1, differences: [] })
    // Another key gives other names of plans.
    const other = await cli([...verify, '--pseudonym-key', 'x'.repeat(20)], { place: place.db })
    expect(other.stderr).toContain('none of the 1 plans found is in data set "clinic"')
  })

  it('refuses a key that is too short, and two options that both give a key', async () => {
    const short = await load('--pseudonym-key', 'short')
    expect(short.stderr).toContain('--pseudonym-key has 5 characters, not 16 or more')
    const two = await load('--pseudonym-key', 'a'.repeat(20), '--pseudonym-key-file', keyFile)
    expect(two.stderr).toContain('both --pseudonym-key and --pseudonym-key-file are given')
    expect([short.code, two.code].every((code) => code !== 0)).toBe(true)
  })
})

// Each test continues after the previous one.
describe('pg-lsh load dicom of a patient without a plan or dose', () => {
  const loadNew = async (...files: string[]) => {
    const made = [...madeDicomPlan()].filter(
      ([name]) => name.startsWith('image') || files.includes(name),
    )
    await rm(join(folder, 'new'), { recursive: true, force: true })
    await writeFiles(join(folder, 'new'), made)
    const args = ['load', 'dicom', join(folder, 'new'), '--dataset', 'new', '--json']
    return cli([...args, '--pseudonym-key-file', keyFile], { place: place.db })
  }
  const slicesOf = () =>
    place.withStore(({ db }) =>
      db
        .selectFrom('cbir.slices')
        .innerJoin('cbir.item', 'cbir.item.id', 'cbir.slices.item_id')
        .where('cbir.item.dataset', '=', 'new')
        .select(['dose_mean_gy', 'dose_max_gy', 'prescription_gy'])
        .execute(),
    )

  it('stores CT and structures without dose, and says so', async () => {
    const loaded = await loadNew('structures.dcm')
    expect(resultOf(loaded)).toMatchObject({ loaded: 1, items: 7, refused: [], leftOut: [] })
    expect(loaded.stderr).toContain('the files contain neither plan nor dose')
    // The name of the target says the dose.
    const nothing = { dose_mean_gy: null, dose_max_gy: null, prescription_gy: 60 }
    expect(await slicesOf()).toEqual(Array.from({ length: 7 }, () => nothing))
    await cli(['unload', '--dataset', 'new', '--yes'], { place: place.db })
  })

  it('exports null for missing doses, and replaces the plan once it has a dose', async () => {
    const loaded = await loadNew('structures.dcm', 'plan.dcm')
    expect(resultOf(loaded)).toMatchObject({ loaded: 1, items: 7 })
    const out = join(folder, 'exported')
    const exported = ['export', '--dataset', 'new', '--format', 'ndjson', '--out', out]
    expect((await cli(exported, { place: place.db })).code).toBe(0)
    const [structure] = (await readFile(join(out, 'structures.ndjson'), 'utf8')).split('\n')
    expect(JSON.parse(structure!)).toMatchObject({
      name: 'PTV60',
      mean_gy: null,
      max_gy: null,
      dvh: null,
      dosed_share: null,
    })
    const dosed = await loadNew('structures.dcm', 'plan.dcm', 'dose.dcm')
    expect(resultOf(dosed)).toMatchObject({ loaded: 0, replaced: 1 })
    for (const { dose_max_gy: highest } of await slicesOf()) expect(highest).toBeGreaterThan(50)
  })
})

describe('pg-lsh audit privacy', () => {
  it('finds no identifying value of the files in the database', async () => {
    const clean = await audit()
    expect(clean.code).toBe(0)
    const result = resultOf(clean) as { values: number; columns: number; found: unknown[] }
    expect(result.found).toEqual([])
    expect(result.values).toBeGreaterThan(20)
    expect(result.columns).toBeGreaterThan(20)
  })

  it.each([
    secrets.id,
    'wilhelmina',
    '1947-03-12',
    secrets.remark,
    secrets.roi,
    '1.2.826.5550123.5',
  ])('finds %s, and names the column without printing the value', async (value) => {
    const set = (attributes: object) =>
      place.withStore(({ pool }) =>
        pool.query('update cbir.item set attributes = $1 where id = 1', [attributes]),
      )
    await set({ remark: `seen: ${value.toUpperCase()}, today` })
    const found = await audit()
    await set({})
    expect(found.code).toBe(1)
    expect(resultOf(found)).toMatchObject({
      found: [{ table: 'cbir.item', column: 'attributes', rows: 1 }],
    })
    expect(`${found.stdout}${found.stderr}`.toLowerCase()).not.toContain(value.toLowerCase())
  })
})
