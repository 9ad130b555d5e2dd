import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/core/plan.js'
import { listDicom } from '../../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../../src/ingest/dicom/plans/plan.js'
import { listOpenKbp, readOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import { pseudonymsOf } from '../../../src/ingest/dicom/plans/pseudonym.js'
import { dicomData } from '../shared-data.js'

const { PG_LSH_OPENKBP: openKbp } = process.env
const absent = dicomData === null || openKbp === undefined
const title = absent
  ? 'OpenKBP as DICOM RT (skipped: no dicom in PG_LSH_DATA, or PG_LSH_OPENKBP is not set)'
  : 'OpenKBP as DICOM RT'

/** The same patient from DICOM and from the CSV files it was made of. */
async function both(folder: string, patient: string): Promise<[Plan, Plan]> {
  const { sources, leftOut } = await listDicom([join(dicomData!, 'openkbp-rt', folder)], {
    pseudonymise: pseudonymsOf('a key of sixteen or more'),
  })
  expect(leftOut).toEqual([])
  expect(sources).toHaveLength(1)
  const csv = (await listOpenKbp(openKbp!)).find((source) => source.patient === patient)
  return [await readDicomPlan(sources[0]!), await readOpenKbp(csv!)]
}

describe.skipIf(absent)(title, () => {
  test.each([
    ['pt_1', 'pt_1'],
    ['pt_3-compressed', 'pt_3'],
  ])('%s agrees with its CSV files', { timeout: 300_000 }, async (folder, patient) => {
    const [dicom, csv] = await both(folder, patient)
    const { prescriptionGy, voxelMm, treatment } = dicom
    expect(prescriptionGy).toBe(csv.prescriptionGy)
    expect(voxelMm).toEqual(csv.voxelMm)
    expect(treatment).toMatchObject({ fractions: 35, radiation: 'photon', technique: 'static' })
    expect(dicom.slices).toHaveLength(csv.slices.length)
    dicom.slices.forEach(({ ct, dose, positionMm }, k) => {
      const same = csv.slices[k]!
      expect(Buffer.compare(Buffer.from(ct.buffer), Buffer.from(same.ct.buffer)), `CT ${k}`).toBe(0)
      const furthest = dose!.reduce(
        (most, gy, i) => Math.max(most, Math.abs(gy - same.dose![i]!)),
        0,
      )
      expect(furthest, `dose ${k}`).toBeLessThan(0.001)
      // The CT in DICOM may begin at another slice.
      const start = csv.slices[0]!.positionMm - dicom.slices[0]!.positionMm
      expect(positionMm + start).toBeCloseTo(same.positionMm, 3)
    })
    expect(dicom.structures.map(({ name, role }) => [name, role])).toEqual(
      csv.structures.map(({ name, role }) => [name, role]),
    )
    dicom.structures.forEach(({ name, volumeCc, meanGy, maxGy, dvh, dosedShare }, i) => {
      const same = csv.structures[i]!
      expect(Math.abs(volumeCc! / same.volumeCc! - 1), name).toBeLessThan(0.01)
      // The dose grid is cropped to the dose of OpenKBP; structures that reach beyond it have no figures in DICOM.
      if (dvh === null) {
        expect(dosedShare, name).toBeLessThan(0.99)
        return
      }
      expect(Math.abs(meanGy! - same.meanGy!), name).toBeLessThan(0.1)
      expect(Math.abs(maxGy! - same.maxGy!), name).toBeLessThan(0.1)
      // A voxel of 4 mm has one dose in CSV and a gradient in DICOM. The area between the histograms is the mean
      // difference of doses in sorted order.
      const csvAt = (gy: number) => same.dvh!.volume[Math.ceil(gy / same.dvh!.binGy - 1e-6)] ?? 0
      const apart = dvh.volume.reduce((sum, part, bin) => {
        return sum + Math.abs(part - csvAt(bin * dvh.binGy)) * dvh.binGy
      }, 0)
      expect(apart, name).toBeLessThan(0.75)
    })
    expect(dicom.structures.filter(({ dvh }) => dvh === null).length).toBeLessThan(2)
  })
})
