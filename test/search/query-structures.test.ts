import { describe, expect, it } from 'vitest'
import { assertImage } from '../../src/search/query-image.js'

const [rows, columns] = [2, 3]
const inside = new Uint8Array(rows * columns)
const masks = [{ name: 'PTV70', role: 'target', inside }]
const structures = { masks, pixelMm: [1, 1], prescriptionGy: null }
const query = (structures: unknown) => ({ rows, columns, ct: new Int16Array(6), structures })

describe('assertImage', () => {
  it('accepts the structures of a slice', () => {
    for (const given of [undefined, structures, { ...structures, masks: [], prescriptionGy: 70 }])
      expect(() => {
        assertImage(query(given))
      }).not.toThrow()
  })

  it.each([
    ['an array of masks', masks, 'structures of the image must be an object, not an array'],
    ['null', null, 'structures of the image must be an object, not null'],
    ['no masks', { ...structures, masks: undefined }, 'masks of the structures must be an array'],
    ['an empty mask', { ...structures, masks: [null] }, 'each mask of the structures must be'],
    [
      'another role',
      { ...structures, masks: [{ ...masks[0], role: 'PTV' }] },
      "the role of PTV70 must be 'target' or 'organ', not a text",
    ],
    [
      'no name',
      { ...structures, masks: [{ ...masks[0], name: '' }] },
      'the name of a mask must be a text, not an empty text',
    ],
    [
      'a mask of numbers',
      { ...structures, masks: [{ ...masks[0], inside: [0, 1] }] },
      'the mask of PTV70 must be a Uint8Array, not an array',
    ],
    ['no pixels', { masks, prescriptionGy: null }, 'pixelMm of the structures must be an array'],
    [
      'an unknown prescription',
      { ...structures, prescriptionGy: Number.NaN },
      'prescriptionGy of the structures must be a number of Gy or null, not the number NaN',
    ],
  ])('refuses %s', (_, given, message) => {
    expect(() => {
      assertImage(query(given))
    }).toThrow(message)
  })
})
