import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { listwiseLoss, type ListBatch } from '../../src/hash/train-listwise.js'
import { slopeAt } from './slopes.js'

const [dims, bits, rows] = [5, 8, 12]
const source = random(4)
const normals = (count: number) => Float32Array.from({ length: count }, () => source.normal())
const weight = normals(bits * dims)
const phase = Float64Array.from(normals(bits))
const queries = Int32Array.of(0, 6)
const batch: ListBatch = {
  dims,
  values: normals(rows * dims),
  queries,
  // A query does not rank itself; every third of the other rows is wanted.
  wanted: Int8Array.from({ length: 2 * rows }, (_, i) => {
    const [query, row] = [queries[Math.floor(i / rows)]!, i % rows]
    return query === row ? -1 : Number(row % 3 === 1)
  }),
}
const loss = () => listwiseLoss(weight, phase, batch).loss

describe('listwiseLoss', () => {
  const { weight: byWeight, phase: byPhase } = listwiseLoss(weight, phase, batch)

  it('has the gradient by directions that finite differences give', () => {
    for (let i = 0; i < weight.length; i += 3)
      expect(byWeight[i]).toBeCloseTo(slopeAt(weight, i, loss, 3e-3), 2)
  })

  it('has the gradient by phases that finite differences give', () => {
    for (let i = 0; i < bits; i++) expect(byPhase[i]).toBeCloseTo(slopeAt(phase, i, loss, 1e-3), 3)
  })

  it('does not depend on rows that are left out', () => {
    const wanted = batch.wanted.map((one, i) => (i % rows === 5 ? -1 : one))
    const values = batch.values.slice()
    const before = listwiseLoss(weight, phase, { ...batch, wanted })
    values.fill(9, 5 * dims, 6 * dims)
    expect(listwiseLoss(weight, phase, { ...batch, wanted, values })).toEqual(before)
  })
})
