import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { bytesAsText, namesInSets } from '../ingest/dicom/character-sets.js'
import { dicomFile } from '../ingest/dicom/bytes.js'
import { writeFiles } from '../ingest/dicom/made-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string

/** Of each name the last spelling that is long enough to identify a person, or that is in ideograms. */
const planted = namesInSets.map(([, name]) => {
  const written = name.split('=')
  const long = written.filter((one) => one.includes('^') || one.length >= 4)
  return (long.at(-1) ?? written.at(-1)!).replace('^', ' ')
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-names-'))
  const files = namesInSets.map(([sets, , hex], i): [string, Uint8Array] => [
    `${i}.dcm`,
    dicomFile({ set: { '0008,0005': ['CS', sets], '0010,0010': ['PN', bytesAsText(hex)] } }),
  ])
  await writeFiles(folder, files)
  await place.withStore((store) =>
    loadPlan(store, 'made', smallPlan({ number: 1, slices: planted.length, side: 2 })),
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('pg-lsh audit privacy of names in every character set', () => {
  it('finds no name in a database that holds none', async () => {
    const { code, stdout } = await audit()
    expect({ code, stdout }).toMatchObject({ code: 0 })
  })

  it.each<[string, (name: string) => string]>([
    ['as they stand in the files', (name) => name],
    ['decomposed', (name) => name.normalize('NFD')],
    ['composed, in capitals', (name) => name.normalize('NFKC').toUpperCase()],
  ])('finds names %s, and does not print them', async (_, written) => {
    const names = planted.map(written)
    await place.withStore(({ pool }) =>
      pool.query(
        `update cbir.item i
         set attributes = pg_catalog.jsonb_build_object('remark', ($1::text[])[i.id])`,
        [names.map((name) => `seen: ${name}, today`)],
      ),
    )
    const { code, stdout, stderr } = await audit()
    expect(code).toBe(1)
    expect(resultOf({ code, stdout, stderr })).toMatchObject({
      found: [{ table: 'cbir.item', column: 'attributes', rows: planted.length }],
    })
    for (const name of [...names, ...planted])
      expect(`${stdout}${stderr}`.normalize('NFC')).not.toContain(name.normalize('NFC'))
  })
})

const audit = () => cli(['audit', 'privacy', folder, '--json'], { place: place.db })
