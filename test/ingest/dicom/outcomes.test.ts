import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { distinctObjects } from '../../../src/ingest/dicom/plans/doubles.js'
import { readDose } from '../../../src/ingest/dicom/objects/dose.js'
import { readHeader, type DicomHeader } from '../../../src/ingest/dicom/plans/header.js'
import { readDicomImages } from '../../../src/ingest/dicom/objects/image.js'
import { joinPlans } from '../../../src/ingest/dicom/plans/join.js'
import { readStructureSet } from '../../../src/ingest/dicom/objects/structure-set.js'
import { readTreatment } from '../../../src/ingest/dicom/objects/treatment.js'
import { readPlace } from '../../../src/ingest/files/file-place.js'
import { pseudonymsOf } from '../../../src/ingest/dicom/plans/pseudonym.js'
import { walkFiles } from '../../../src/ingest/files/walk-files.js'
import { dicomData } from '../shared-data.js'

const title =
  dicomData === null
    ? 'every published file (skipped: no dicom in PG_LSH_DATA)'
    : 'every published file'

/** The content of a file that is read on its own. */
async function readAlone({ kind, place }: DicomHeader): Promise<string> {
  const { name } = place
  const bytes = await readPlace(place)
  switch (kind) {
    case 'ct': {
      const images = await readDicomImages(bytes, name)
      const { rows, columns } = images[0]!
      return `CT, ${images.length} x ${rows} x ${columns}`
    }
    case 'dose': {
      const {
        stack: { images, raster },
      } = await readDose(bytes, name, 60)
      let highest = 0
      for (const { values } of images) for (const gy of values) highest = Math.max(highest, gy)
      return `dose, ${images.length} x ${raster.rows} x ${raster.columns}, ${highest.toFixed(2)} Gy`
    }
    case 'structures': {
      const { regions } = await readStructureSet(bytes, name)
      const contours = regions.reduce((sum, region) => sum + region.contours.length, 0)
      return `structures, ${regions.length} with ${contours} contours`
    }
    case 'localizer':
    case 'registration':
      return kind
    case 'plan': {
      const { prescriptionGy, fractions, radiation, technique } = await readTreatment(bytes, name)
      return `plan, ${prescriptionGy} Gy in ${fractions}, ${radiation}, ${technique}`
    }
  }
}

/** The reason why a file is refused, without its name. */
function reasonOf(error: unknown, name: string): string {
  if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
  expect(error.message.startsWith(name)).toBe(true)
  return error.message.slice(name.length).replace(/^:? /, '')
}

describe.skipIf(dicomData === null)(title, () => {
  test(
    'is read, joined, or refused for the reason in the table',
    { timeout: 600_000 },
    async () => {
      const outcomes = new Map<string, string>()
      const headers: DicomHeader[] = []
      for await (const found of walkFiles([dicomData!])) {
        if ('reason' in found) {
          outcomes.set(found.file, `refused: ${found.reason}`)
          continue
        }
        const { name } = found.place
        try {
          const header = await readHeader(found)
          headers.push(header)
          outcomes.set(name, await readAlone(header))
        } catch (error) {
          outcomes.set(name, `refused: ${reasonOf(error, name)}`)
        }
      }
      const { headers: distinct, leftOut: doubles } = await distinctObjects(headers)
      const { sources, leftOut } = joinPlans(distinct, {
        pseudonymise: pseudonymsOf('a key of sixteen or more'),
      })
      for (const { file, reason } of [...doubles, ...leftOut])
        outcomes.set(file, `${outcomes.get(file)}; left out: ${reason}`)
      expect(sources.map(({ ct }) => ct.length).sort()).toEqual([103, 125])
      // Slices of the two complete plans are left out, as all of them are read.
      const table = [...outcomes].filter(([, outcome]) => outcome !== 'CT, 1 x 128 x 128')
      const text = `${JSON.stringify(Object.fromEntries(table), null, 2)}\n`
      await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'outcomes.json'))
    },
  )
})
