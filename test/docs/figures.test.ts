import { join } from 'node:path'
import { expect, test } from 'vitest'
import { choosePairs, hammingCurve } from '../../src/compare/hamming-curve.js'
import { fitFamilies } from '../../src/compare/measured-family.js'
import type { SpaceEvaluation } from '../../src/compare/evaluation.js'
import { svgFile } from '../../src/report/drawing/chart.js'
import { figureHamming } from '../../src/report/figures/figure-hamming.js'
import { clumps, endToEnd } from '../hash/sample.js'

const folder = join(import.meta.dirname, '../../docs/figures')

/** `npx vitest run --project unit test/docs/figures.test.ts -u` redraws the figure. */
test('the figure in docs/how-hashing-works.md is the one that the report draws', async () => {
  const sample = clumps({ dims: 16, rows: 400, seed: 8 })
  const pairs = choosePairs(sample, 1)
  const families = fitFamilies(sample, {
    kinds: ['kernel', 'cosine', 'sign'],
    bits: [512],
    seed: 1,
  })
  const curves = families.map((family) =>
    hammingCurve(family, endToEnd(sample), pairs, { bits: 512 }),
  )
  const shown = { space: 'seeded clumps', curves, radius: null }
  const { drawing } = figureHamming(shown as unknown as SpaceEvaluation)
  await expect(svgFile(drawing)).toMatchFileSnapshot(join(folder, 'hamming.svg'))
})
