import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, listNames, nearestName, suggestName } from '../../src/core/nearest-name.js'

const text = fc.string({ maxLength: 8 })

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['ct', '', 2],
    ['kernel', 'kernle', 1],
    ['ct_shalow', 'ct_shallow', 1],
    ['kitten', 'sitting', 3],
  ])('from "%s" to "%s" is %i', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits)
  })

  it('is symmetric, 0 only for equal texts, and at most the length of the longer text', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const edits = editDistance(a, b)
        expect(editDistance(b, a)).toBe(edits)
        expect(edits === 0).toBe(a === b)
        const [m, n] = [Array.from(a).length, Array.from(b).length]
        expect(edits).toBeLessThanOrEqual(Math.max(m, n))
        expect(edits).toBeGreaterThanOrEqual(Math.abs(m - n))
      }),
    )
  })
})

describe('nearestName', () => {
  const names = ['ct_shallow', 'dose_shallow', 'plan_deep']

  it.each([
    ['ct_shalow', 'ct_shallow'],
    ['CT_Shallow', 'ct_shallow'],
    ['plandeep', 'plan_deep'],
    ['lung', null],
    ['x', null],
  ])('suggests for "%s": %s', (name, meant) => {
    expect(nearestName(name, names)).toBe(meant)
  })

  it('does not suggest one short name for another', () => {
    expect(nearestName('ab', ['cd'])).toBeNull()
  })
})

describe('suggestName', () => {
  it('suggests the nearest name and lists all names', () => {
    expect(suggestName('bb', ['c', 'b', 'a'])).toBe('Did you mean "b"? There are a, b, c.')
    expect(suggestName('zzz', ['a'])).toBe('There is only a.')
    expect(suggestName('zzz', [])).toBe('There is none.')
  })

  it('lists the first names of many', () => {
    const many = Array.from({ length: 20 }, (_, i) => `space_${String(i).padStart(2, '0')}`)
    expect(listNames(many)).toMatch(/^There are space_00, .*space_11 and 8 more\.$/)
  })
})
