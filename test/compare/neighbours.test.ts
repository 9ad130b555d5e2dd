import { beforeAll, describe, expect, it } from 'vitest'
import type { KeyedRows } from '../../src/compare/block-distances.js'
import { fitFamilies, type MeasuredFamily } from '../../src/compare/measured-family.js'
import { neighbourFinder, type Neighbours } from '../../src/compare/neighbours.js'
import type { NearestLists } from '../../src/compare/nearest-lists.js'
import { vectorDistance } from '../../src/core/vector.js'
import { encodeVector } from '../../src/hash/encode.js'
import { fitFamily } from '../../src/hash/fit.js'
import { clumps, endToEnd } from '../hash/sample.js'

const dims = 6
const k = 12
// Every vector occurs twice, so that all true distances are tied.
const distinct = clumps({ dims, rows: 150, seed: 4 })
const vectors = [...distinct, ...distinct]
const items = vectors.map((_, i) => 1000 - i)
const patients = vectors.map((_, i) => i % 7)
const queried = [3, 40, 161, 299]

function rowsOf(chosen: readonly number[]): KeyedRows {
  return {
    items: Int32Array.from(chosen, (i) => items[i] as number),
    patients: Int32Array.from(chosen, (i) => patients[i] as number),
    vectors: endToEnd(chosen.map((i) => vectors[i] as Float32Array)),
  }
}

let families: MeasuredFamily[]
let found: Neighbours

beforeAll(() => {
  families = fitFamilies(distinct, {
    kinds: ['kernel', 'sign', 'qary'],
    bits: [32, 64, 96],
    seed: 3,
  })
  const finder = neighbourFinder(rowsOf(queried), { k, families })
  const all = vectors.map((_, i) => i)
  for (const block of [all.slice(0, 100), all.slice(100, 101), all.slice(101)])
    finder.visit(rowsOf(block))
  found = finder.found
})

/** Neighbours by a sort of all rows. */
function sorted(query: number, samePatient: boolean, rank: (i: number) => number) {
  return vectors
    .map((vector, i) => ({
      key: items[i] as number,
      patient: patients[i],
      rank: rank(i),
      distance: vectorDistance(vectors[query] as Float32Array, vector),
    }))
    .filter(({ key }) => key !== items[query])
    .filter(({ patient }) => samePatient || patient !== patients[query])
    .sort((a, b) => a.rank - b.rank || a.key - b.key)
    .slice(0, k)
    .map(({ key, distance }) => ({ key, distance }))
}

function listOf(lists: NearestLists, query: number) {
  return Array.from({ length: k }, (_, place) => ({
    key: lists.keys[query * k + place],
    distance: lists.distances[query * k + place],
  }))
}

describe('neighbourFinder', () => {
  it.each([false, true])('finds the true neighbours block by block, same patient %s', (same) => {
    queried.forEach((query, i) => {
      const far = (row: number) =>
        vectorDistance(vectors[query] as Float32Array, vectors[row] as Float32Array)
      const lists = same ? found.exact.all : found.exact.others
      expect(listOf(lists, i)).toEqual(sorted(query, same, far))
    })
  })

  it('finds neighbours by prefixes of codes as by families of that length, with ties by key', () => {
    expect(found.coded).toHaveLength(9)
    for (const { kind, bits, lists } of found.coded) {
      const { bandwidth } = (families.find((one) => one.kind === kind) as MeasuredFamily).family
      const family = fitFamily(distinct, {
        name: 'short',
        kind: kind as 'kernel',
        bits,
        seed: 3,
        ...(bandwidth === null ? {} : { bandwidth }),
      })
      const codes = vectors.map((vector) => encodeVector(family, vector))
      queried.forEach((query, i) => {
        const differing = (row: number) =>
          (codes[query] as (typeof codes)[0]).hamming(codes[row] as (typeof codes)[0])
        expect(listOf(lists.others, i)).toEqual(sorted(query, false, differing))
        expect(listOf(lists.all, i)).toEqual(sorted(query, true, differing))
      })
    }
  })
})
