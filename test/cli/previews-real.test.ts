import { beforeAll, describe, expect, it } from 'vitest'
import { previewPng } from '../../src/ingest/volume/preview.js'
import { encodeQuery } from '../../src/search/encode-query.js'
import { openSpace } from '../../src/search/open-space.js'
import { slicesLike } from '../../src/search/similar-slices.js'
import type { QueryImage } from '../../src/search/query-image.js'
import { patientsOf } from '../../src/store/plans/patients.js'
import { slicesOf, type StoredSlice } from '../../src/store/plans/slices.js'
import { usePlace } from './place.js'
import { cli, useCli } from './run.js'

const { PG_LSH_OPENKBP: openKbp } = process.env
const absent = openKbp === undefined
const space = 'ct_shallow'
const asked = 200

describe.skipIf(absent)(`Slices of OpenKBP${absent ? ' (PG_LSH_OPENKBP is not set)' : ''}`, () => {
  useCli()
  const place = usePlace()

  beforeAll(async () => {
    for (const args of [
      ['load', 'openkbp', openKbp!, '--dataset', 'openkbp'],
      ['train', '--dataset', 'openkbp', '--space', space],
      ['encode', '--space', space],
      ['index', 'create', '--space', space],
    ])
      expect(await cli(args, { place: place.db })).toMatchObject({ code: 0 })
  }, 900_000)

  it.each<[string, (slice: StoredSlice) => QueryImage, number]>([
    ['their HU', ({ image }) => image, 1],
    ['their previews', ({ image }) => ({ png: previewPng(image) }), 0.95],
  ])(
    'are the first results of a search by %s',
    async (_, query, share) => {
      const first = await place.withStore(async (store) => {
        const opened = await openSpace(store.db, space)
        const slices: StoredSlice[] = []
        const patients = (await patientsOf(store, 'openkbp')).map(({ id }) => id)
        for await (const batch of slicesOf(store, patients, { every: 7 })) slices.push(...batch)
        let found = 0
        for (let i = 0; i < asked; i++) {
          const slice = slices[Math.floor((i * slices.length) / asked)]!
          const encoded = await encodeQuery(store.db, opened, query(slice))
          const [row] = await slicesLike(store.db, encoded, { space, k: 1 }).execute()
          if (row?.item_id === slice.item) found++
        }
        await opened.close()
        return found
      })
      expect(first).toBeGreaterThanOrEqual(share * asked)
    },
    600_000,
  )
})
