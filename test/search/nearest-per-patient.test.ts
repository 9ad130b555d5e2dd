import { describe, expect, it } from 'vitest'
import { firstOfEach, nearestPerPatient } from '../../src/search/nearest-per-patient.js'

/** A search whose rows come in runs of `length` per patient, and the numbers of rows that it was asked for. */
function bunches(patients: number, length: number) {
  const rows = Array.from({ length: patients * length }, (_, place) => ({
    place,
    patient: `pt_${Math.floor(place / length)}`,
  }))
  const asked: number[] = []
  const find = async (count: number) => {
    asked.push(count)
    return rows.slice(0, count)
  }
  return { find, asked }
}

describe('nearestPerPatient', () => {
  it('returns the nearest row of each patient, nearest first', async () => {
    const found = await nearestPerPatient(bunches(9, 3).find, 4)
    expect(found.map(({ place }) => place)).toEqual([0, 3, 6, 9])
  })

  it('asks for more rows until there are enough patients', async () => {
    const { find, asked } = bunches(10, 100)
    expect(await nearestPerPatient(find, 5)).toHaveLength(5)
    expect(asked).toEqual([40, 160, 640])
  })

  it('stops when there are no more rows', async () => {
    const { find, asked } = bunches(2, 30)
    expect(await nearestPerPatient(find, 5)).toHaveLength(2)
    expect(asked).toEqual([40, 160])
  })
})

describe('firstOfEach', () => {
  it('keeps the first row of each patient', () => {
    expect(firstOfEach(['a1', 'b1', 'a2', 'c1', 'b2'], ([patient]) => patient)).toEqual([
      'a1',
      'b1',
      'c1',
    ])
  })
})
