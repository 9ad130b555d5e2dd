import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrainedEncoder } from '../../src/encode/trained/trained-encoder.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallEncoder } from '../store/encode/trained.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string
let trained: TrainedEncoder

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-encoder-'))
  trained = await smallEncoder()
  await place.withStore(async (store) => {
    await loadPlan(store, 'made', smallPlan({ number: 1 }))
    const { id } = await store.db.selectFrom('cbir.patient').select('id').executeTakeFirstOrThrow()
    await store.transaction((transaction) =>
      addEncoder(transaction, trained, { name: 'small', dataset: 'made', trainedOn: [id] }),
    )
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...args: string[]) => cli(['encoder', ...args], { place: place.db })

// Each test continues after the previous one.
describe('pg-lsh encoder', () => {
  it('lists the encoders', async () => {
    const { code, stdout } = await run('list')
    expect(code).toBe(0)
    expect(stdout).toContain('small')
    expect(stdout).toContain(trained.checksum.slice(0, 12))
    const { encoders } = resultOf(await run('list', '--json')) as { encoders: object[] }
    expect(encoders).toMatchObject([
      { name: 'small', patients: 1, dims: trained.dims, checksum: trained.checksum },
    ])
  })

  it('shows layers, preprocessing and history of an encoder', async () => {
    const { stdout } = await run('show', 'small')
    for (const part of ['Conv2DTranspose', '"channel":"ct"', 'validation loss', trained.checksum])
      expect(stdout).toContain(part)
    const shown = resultOf(await run('show', 'small', '--json')) as { layers: object[] }
    expect(shown).toMatchObject({
      preprocessing: trained.preprocessing,
      history: trained.history,
      loss: trained.loss,
      bytes: trained.weights.length,
    })
    expect(shown.layers[0]).toMatchObject({ kind: 'InputLayer', output: [16, 16, 1] })
    expect(shown.layers).toContainEqual({
      name: 'features',
      kind: 'Conv2D',
      output: [2, 2, 4],
      parameters: 9 * 24 * 4 + 4,
    })
  })

  it('exports an encoder to a folder and imports it under another name', async () => {
    const dir = join(folder, 'small')
    expect(resultOf(await run('export', 'small', dir, '--json'))).toMatchObject({ patients: 1 })
    expect((await readdir(dir)).sort()).toEqual(['encoder.json', 'model.json', 'weights.bin'])
    const imported = await run('import', dir, '--name', 'copy', '--json')
    expect(resultOf(imported)).toEqual({
      name: 'copy',
      patients: 1,
      unknownPatients: 0,
      checksum: trained.checksum,
    })
    const { code, stderr } = await run('import', dir)
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--name') })
  })

  it('refuses a folder that is not an exported encoder, and one that was changed', async () => {
    const foreign = await run('import', folder)
    expect(foreign.code).toBe(1)
    expect(foreign.stderr).toMatch(/^error: .*encoder\.json cannot be read.*\nhint: Export/)
    await writeFile(join(folder, 'small/weights.bin'), new Uint8Array(trained.weights.length))
    const damaged = await run('import', join(folder, 'small'), '--name', 'damaged')
    expect(damaged.code).toBe(1)
    expect(damaged.stderr).toMatch(/checksum/)
  })
})
