import { describe, expect, test } from 'vitest'
import { listOpenKbp, readOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'

const root = process.env.PG_LSH_OPENKBP
const title = root === undefined ? 'OpenKBP itself (skipped: PG_LSH_OPENKBP is not set)' : 'OpenKBP'

describe.skipIf(root === undefined)(title, () => {
  test(
    'every plan is read in order, with slices, a high target near 70 Gy and a spared cord',
    { timeout: 300_000 },
    async () => {
      const sources = await listOpenKbp(root as string)
      expect(sources.length).toBeGreaterThan(0)
      const checksums = new Set<string>()
      for (const source of sources) {
        const plan = await readOpenKbp(source)
        checksums.add(plan.checksum)
        expect(plan.slices.length, source.sourceKey).toBeGreaterThan(20)
        expect(plan.prescriptionGy, source.sourceKey).toBe(70)
        const target = plan.structures.find(({ name }) => name === 'PTV70')
        expect(target?.meanGy, source.sourceKey).toBeGreaterThan(60)
        expect(target?.meanGy, source.sourceKey).toBeLessThan(77)
        expect(target?.maxGy, source.sourceKey).toBeLessThan(85)
        const cord = plan.structures.find(({ name }) => name === 'SpinalCord')
        if (cord !== undefined) expect(cord.maxGy, source.sourceKey).toBeLessThan(60)
      }
      expect(checksums.size).toBe(sources.length)
    },
  )
})
