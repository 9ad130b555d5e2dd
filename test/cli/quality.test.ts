import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReconstructionQuality } from '../../src/encode/trained/reconstruction-quality.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
const space = 'pca128'
const slices = 20
let folder: string
let trained: ReconstructionQuality
let said: string

const run = async (...args: string[]) => {
  const done = await cli([...args, '--json'], { place: place.db })
  expect(done).toMatchObject({ code: 0 })
  return { ...done, result: resultOf(done) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-quality-'))
  await place.withStore(async (store) => {
    for (let number = 1; number <= 10; number++) {
      const split = number > 8 ? 'test' : 'train'
      await loadPlan(store, 'made', smallPlan({ number, slices, side: 32, split }))
    }
  })
  const { result, stderr } = await run('train', '--space', space, '--size', '16')
  const { encoders } = result as { encoders: { quality: ReconstructionQuality[] }[] }
  trained = encoders[0]!.quality[0]!
  said = stderr
  await run('encode', '--space', space)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the quality of an encoder', () => {
  it('is measured by train on all slices of held-out patients, in both regions', () => {
    expect(trained).toMatchObject({ channel: 'ct', slices: 2 * slices, patients: 2 })
    expect(said).toMatch(
      /PSNR [\d.]+ dB \([\d.]+ to [\d.]+\) inside the body, [\d.]+ dB \([\d.]+ to [\d.]+\) over the whole slice/,
    )
  })

  it('is the same in encoder list and in an exported folder, with both regions in the table', async () => {
    const { result } = await run('encoder', 'list')
    expect(result).toMatchObject({ encoders: [{ name: space, quality: [trained] }] })
    const { stdout } = await cli(['encoder', 'list'], { place: place.db })
    for (const heading of ['PSNR dB, body', 'PSNR dB, whole']) expect(stdout).toContain(heading)
    expect(stdout).toContain(trained.psnr_body_db!.toFixed(1))
    // The encoder was trained on eight patients and measured on two.
    expect(stdout).toMatch(/│ +128 │ +8 │/)
    const dir = join(folder, 'exported')
    await run('encoder', 'export', space, dir)
    expect(JSON.parse(await readFile(join(dir, 'encoder.json'), 'utf8'))).toMatchObject({
      quality: [trained],
    })
  })

  it('is the same in evaluate', async () => {
    const { result } = await run('evaluate')
    const { psnr_body_db, psnr_whole_db, ssim_body, ssim_whole } = trained
    const figures = { psnr_body_db, psnr_whole_db, ssim_body, ssim_whole }
    const { spaces } = result as { spaces: object[] }
    expect(spaces[0]).toMatchObject({ space, reconstruction: [trained], ...figures })
  })

  it('is the same in reconstruct, and is shown on its page', async () => {
    const out = join(folder, 'page.html')
    const { result } = await run('reconstruct', '--space', space, '--out', out, '--slices', '3')
    expect(result).toMatchObject({ quality: [trained] })
    const lead = `Over ${2 * slices} slices of 2 held-out patients, CT: PSNR ${trained.psnr_body_db!.toFixed(1)} dB`
    expect(await readFile(out, 'utf8')).toContain(lead)
  })

  it('is the same in report and on its page, independent of the number of queries', async () => {
    const out = join(folder, 'report')
    const few = ['--queries', '5', '--bits', '64', '--kind', 'sign']
    const { result } = await run('report', '--dataset', 'made', '--out', out, ...few)
    expect(result).toMatchObject({ reconstruction: { [space]: trained } })
    const html = await readFile(join(out, 'index.html'), 'utf8')
    expect(html).toContain(`PSNR ${trained.psnr_body_db!.toFixed(1)} dB`)
    const rows = await readFile(join(out, `figures/1-reconstruction-${space}.csv`), 'utf8')
    expect(rows.split('\n')[0]).toContain('psnr_body_db,psnr_whole_db,ssim_body,ssim_whole')
  })
})
