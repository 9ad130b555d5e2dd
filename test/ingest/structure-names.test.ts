import { describe, expect, test } from 'vitest'
import { nameRegions } from '../../src/ingest/structure-names.js'

/** Names of one region each, as they are stored. */
function named(name: string, type = ''): string {
  const [region] = nameRegions([{ number: 7, name, type, frame: null, contours: [], unclosed: 0 }])
  return region === undefined ? 'left out' : `${region.role} ${region.name}`
}

describe('nameRegions', () => {
  test.each([
    ['Brainstem', 'organ Brainstem'],
    ['BRAIN STEM', 'organ Brainstem'],
    ['LeftParotid', 'organ LeftParotid'],
    ['Parotid_L', 'organ LeftParotid'],
    ['parotid lt', 'organ LeftParotid'],
    ['Rt Parotid Gland', 'organ RightParotid'],
    ['Glnd_Submand_R', 'organ Glnd_Submand_R'],
    ['SpinalCord', 'organ SpinalCord'],
    ['Spinal_Cord', 'organ SpinalCord'],
    ['SpinalCord_PRV05', 'organ SpinalCord_PRV'],
    ['Cord PRV 3mm', 'organ SpinalCord_PRV'],
    ['Lung_L', 'organ Lung_L'],
    ['Lungs', 'organ Lungs'],
    ['Femoral Head R', 'organ Femur_Head_R'],
    ['BODY', 'organ External'],
    ['Oesophagus', 'organ Esophagus'],
  ])('calls the organ %s by its standard name', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test.each([
    ['PTV70', 'target PTV70'],
    ['PTV 70 Gy', 'target PTV70'],
    ['PTV_7000', 'target PTV70'],
    ['ptv_5940', 'target PTV59.4'],
    ['CTVn 54', 'target CTVn54'],
    ['GTVp', 'target GTVp'],
    ['PTV1', 'target PTV'],
    ['PTV Mrs Harkness', 'target PTV'],
    ['ITV', 'target ITV'],
  ])('calls the target %s by its kind and dose', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test('takes a target from its type where the name says nothing', () => {
    expect(named('boost Harkness', 'GTV')).toBe('target GTV')
  })

  test('keeps nothing of a name that is no standard one', () => {
    for (const name of ['Harkness left lump', 'MRN 5550123', 'Brainstem of Wilhelmina', '', '左'])
      expect(named(name)).toBe('organ Structure_7')
  })

  test('leaves out what is neither target nor organ', () => {
    for (const type of ['SUPPORT', 'BOLUS', 'ISOCENTER', 'MARKER', 'DOSE_REGION'])
      expect(named('Heart', type)).toBe('left out')
  })

  test('numbers names that are taken', () => {
    const regions = ['Cord', 'Spinal Cord', 'PTV a', 'PTV b', 'PTV c'].map((name, number) => {
      return { number, name, type: '', frame: null, contours: [], unclosed: 0 }
    })
    expect(nameRegions(regions).map(({ name }) => name)).toEqual([
      'SpinalCord',
      'SpinalCord_2',
      'PTV',
      'PTV_2',
      'PTV_3',
    ])
  })
})
