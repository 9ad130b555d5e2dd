import { describe, expect, test } from 'vitest'
import { nameRegions } from '../../../src/ingest/contours/structure-names.js'

/** Stored names of regions with one given name each. */
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
  ])('stores the organ %s under its standard name', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test.each([
    ['Lung L+R', 'organ Lungs'],
    ['LUNG_LR', 'organ Lungs'],
    ['Lungs R&L', 'organ Lungs'],
    ['Kidney L/R', 'organ Kidneys'],
    ['Kidneys both', 'organ Kidneys'],
    ['Parotid R+L', 'organ Parotid'],
    ['parotids bilateral', 'organ Structure_7'],
    ['Eye_L_R', 'organ Eye'],
    ['Left and right eye', 'organ Structure_7'],
    ['Lens L+R PRV', 'organ Lens_PRV'],
    ['Lung', 'organ Lung'],
    ['Lung L - GTV', 'organ Structure_7'],
  ])('stores the organ %s without a side that it does not have', (name, stored) => {
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
  ])('stores the target %s by its kind and dose', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test.each([
    ['PTV 25fx', 'target PTV'],
    ['PTV 25 fractions', 'target PTV'],
    ['PTV 25#', 'target PTV'],
    ['PTV 2.0x33', 'target PTV'],
    ['PTV 33 x 2.0', 'target PTV'],
    ['PTV 33×2', 'target PTV'],
    ['PTV+30mm', 'target PTV'],
    ['PTV+30', 'target PTV'],
    ['PTV_30 mm', 'target PTV'],
    ['PTV 95%', 'target PTV'],
    ['PTV V95', 'target PTV'],
    ['GTV_T50', 'target GTV'],
    ['GTV 50% phase', 'target GTV'],
    ['ITV CT40', 'target ITV'],
    ['PTV 12.10.23', 'target PTV'],
    ['PTV 2023-10-45', 'target PTV'],
    ['PTV_2023', 'target PTV'],
    ['PTV 45 cc', 'target PTV'],
    ['PTV 45 ml', 'target PTV'],
    ['PTV60-PTV70', 'target PTV'],
    ['PTV 54 60', 'target PTV'],
    ['PTV 67 yo', 'target PTV'],
    ['PTV 2Gy x 33', 'target PTV'],
    ['PTV 2 Gy x33', 'target PTV'],
    ['PTV54+60', 'target PTV'],
    ['PTV 30 Fraktionen', 'target PTV'],
    ['PTV week 30', 'target PTV'],
    ['PTV age 65', 'target PTV'],
    ['PTV plan 25', 'target PTV'],
    ['PTV Harkness 70', 'target PTV'],
    ['PTV D95 60', 'target PTV'],
  ])('stores the target %s without a dose that its name does not contain', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test.each([
    ['PTV_2000', 'target PTV20'],
    ['PTV 2023cGy', 'target PTV20.23'],
    ['PTV70/35', 'target PTV70'],
    ['PTV 70 in 35', 'target PTV70'],
    ['PTV 70Gy/35fx', 'target PTV70'],
    ['PTV 35 fx 70', 'target PTV70'],
    ['PTV 2x30 60 Gy', 'target PTV60'],
    ['PTV60_3mm', 'target PTV60'],
    ['PTV59,4', 'target PTV59.4'],
    ['PTV1 70', 'target PTV70'],
    ['PTV-high-70', 'target PTV70'],
    ['PTV 14 Gy', 'target PTV14'],
    ['PTV60_EVAL', 'target PTV60'],
    ['PTV 30 54Gy', 'target PTV54'],
    ['PTV breast 50', 'target PTV50'],
    ['PTV_LN_50.4', 'target PTV50.4'],
    ['PTV60+5mm', 'target PTV60'],
    ['PTV 54Gy+60', 'target PTV54'],
  ])('finds the dose in %s', (name, stored) => {
    expect(named(name)).toBe(stored)
  })

  test('uses the type of a region if its name does not identify a target', () => {
    expect(named('boost Harkness', 'GTV')).toBe('target GTV')
  })

  test('stores nothing of a name that is not a standard name', () => {
    for (const name of ['Harkness left lump', 'MRN 5550123', 'Brainstem of Wilhelmina', '', '左'])
      expect(named(name)).toBe('organ Structure_7')
  })

  test('leaves out regions that are neither target nor organ', () => {
    for (const type of ['SUPPORT', 'BOLUS', 'ISOCENTER', 'MARKER', 'DOSE_REGION'])
      expect(named('Heart', type)).toBe('left out')
  })

  test('numbers repeated names', () => {
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
