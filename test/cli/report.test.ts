import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePlans } from '../store/plans/made-plans.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli, type CliRun } from './run.js'

useCli()
const place = usePlace()
let folder: string
let run: CliRun

interface Result {
  evaluation: number
  dice: Record<string, Record<string, Record<string, { mean: number; low: number; high: number }>>>
  jaccard: Result['dice']
  dice_at_k: Record<string, Record<string, { mean: number }>>
  across_patients: { spaces: { space: string }[] }
  page: string
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-report-'))
  await place.withStore((store) => makePlans(store, { plans: 16, slices: 6 }))
  const args = ['report', '--dataset', 'made', '--out', join(folder, 'one'), '--queries', '12']
  run = await cli([...args, '--bits', '64,32', '--kind', 'sign', '--json'], { place: place.db })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('pg-lsh report', () => {
  it('reports Dice and Jaccard by space, kind and bits with intervals, and Dice by number of neighbours', () => {
    expect(run).toMatchObject({ code: 0 })
    const { dice, jaccard, dice_at_k } = resultOf(run) as Result
    const { '32': short, '64': long } = dice.made?.sign ?? {}
    for (const one of [short, long]) {
      expect(one?.low).toBeLessThanOrEqual(one?.mean ?? 0)
      expect(one?.high).toBeLessThanOrEqual(1)
    }
    expect(jaccard.made?.sign?.['64']?.mean).toBeLessThanOrEqual(long?.mean ?? 0)
    expect(Object.keys(dice_at_k.made ?? {})).toEqual(expect.arrayContaining(['1', '10', '100']))
    const { across_patients } = resultOf(run) as Result
    expect(across_patients.spaces.map(({ space }) => space)).toEqual(['made', 'random', 'oracle'])
  })

  it('writes one page, each figure as SVG, and its numbers as CSV and JSON', async () => {
    const { page } = resultOf(run) as Result
    expect(page).toBe(join(folder, 'one', 'index.html'))
    const html = await readFile(page, 'utf8')
    const files = await readdir(join(folder, 'one', 'figures'))
    const names = [...html.matchAll(/<figure class="chart" id="figure-([^"]+)">/g)].map(
      ([, name]) => name,
    )
    expect(names.length).toBeGreaterThan(6)
    expect(files.sort()).toEqual(
      names.flatMap((name) => ['csv', 'json', 'svg'].map((kind) => `${name}.${kind}`)).sort(),
    )
    const csv = await readFile(join(folder, 'one/figures/4-same-patient-made.csv'), 'utf8')
    expect(csv.split('\n')[0]).toContain('space,kind,bits,k,same_patient,queries,patients,dice')
  })

  it('draws stored runs beside each other without measuring again', async () => {
    const { evaluation } = resultOf(run) as Result
    const out = join(folder, 'two')
    const again = await cli(
      ['report', '--from', `${evaluation},${evaluation}`, '--out', out, '--json'],
      { place: place.db },
    )
    expect(again).toMatchObject({ code: 0 })
    expect((resultOf(again) as { runs: Result[] }).runs).toHaveLength(2)
    expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('Two evaluations of made')
    const kept = await place.withStore((store) =>
      store.db.selectFrom('cbir.evaluation').select('id').execute(),
    )
    expect(kept).toEqual([{ id: evaluation }])
  })

  it.each([
    [
      'a data set without spaces',
      ['--dataset', 'none'],
      1,
      /no space holds slices of data set "none"/,
    ],
    ['a run that is not there', ['--from', '99'], 1, /evaluation 99 does not exist/],
    ['three runs', ['--from', '1,2,3'], 2, /one or two/],
    ['a length that is none', ['--bits', '64,100'], 2, /multiples of 32/],
    ['a kind that is none', ['--kind', 'magic'], 2, /kernel, cosine, sign, itq, qary/],
  ])('refuses %s', async (_, args, code, message) => {
    const refused = await cli(['report', '--out', join(folder, 'none'), ...args], {
      place: place.db,
    })
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(refused.stderr).toMatch(message)
  })
})
