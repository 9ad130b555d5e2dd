import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallEncoder } from '../store/encode/trained.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-reconstruct-'))
  await place.withStore(async (store) => {
    for (const number of [1, 2, 3])
      await loadPlan(store, 'made', smallPlan({ number, side: 16, slices: 6 }))
    const { id } = await store.db
      .selectFrom('cbir.patient')
      .select('id')
      .where('pseudonym', '=', 'pt_1')
      .executeTakeFirstOrThrow()
    const trained = await smallEncoder()
    await store.transaction((transaction) =>
      addEncoder(transaction, trained, { name: 'small', dataset: 'made', trainedOn: [id] }),
    )
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('pg-lsh reconstruct', () => {
  const run = (...args: string[]) =>
    cli(['reconstruct', '--space', 'small', '--slices', '5', ...args], { place: place.db })

  it('writes a page with slices and a volume of held-out patients', async () => {
    const out = join(folder, 'new/page.html')
    const result = resultOf(await run('--out', out, '--json')) as {
      slices: { plan: string; psnr_body_db: number; psnr_whole_db: number; ssim_whole: number }[]
      volume: { plan: string }[]
    }
    expect(result.slices.length).toBe(5)
    for (const { plan, psnr_body_db, psnr_whole_db, ssim_whole } of result.slices) {
      expect(['made/pt_2', 'made/pt_3']).toContain(plan)
      expect(psnr_body_db).toBeGreaterThan(10)
      expect(psnr_whole_db).toBeGreaterThan(15)
      expect(ssim_whole).toBeGreaterThan(0)
    }
    expect(result.volume).toMatchObject([{ seen: false, slices: 6, plane: 'ct -1000 to 1500 HU' }])
    const page = await readFile(out, 'utf8')
    expect(page).toContain(`Plan ${result.volume[0]?.plan}: CT`)
    expect(page).toContain('A voxel is 4 × 4 × 3 mm')
    expect(page).not.toContain('class="notice"><strong>')
    await run('--out', out)
    expect(await readFile(out, 'utf8')).toBe(page)
  })

  it('warns on the page if the plan was used for training', async () => {
    const out = join(folder, 'seen.html')
    const { code, stderr } = await run('--out', out, '--plan', 'made/pt_1')
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('pt_1') })
    expect(await readFile(out, 'utf8')).toMatch(/<strong>Note\.<\/strong> The encoder was trained/)
  })

  it('refuses a plan that does not exist', async () => {
    const { code, stderr } = await run('--out', join(folder, 'x.html'), '--plan', 'nobody')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*"nobody"/m)
  })
})
