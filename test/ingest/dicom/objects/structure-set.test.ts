import { describe, expect, test } from 'vitest'
import { readStructureSet } from '../../../../src/ingest/dicom/objects/structure-set.js'
import { dicomObject, type Attributes } from '../bytes.js'

const square = (z: number) => `0\\0\\${z}\\9\\0\\${z}\\9\\9\\${z}\\0\\9\\${z}`
const contour = (data: string, type: string | null = 'CLOSED_PLANAR'): Attributes => ({
  '3006,0042': type === null ? null : ['CS', type],
  '3006,0050': ['DS', data],
})
/** An item of ROI Contour Sequence. */
const drawn = (number: number, ...contours: Attributes[]): Attributes => ({
  '3006,0040': ['SQ', contours],
  '3006,0084': ['IS', String(number)],
})

/** A structure set with regions by their numbers. */
function read(items: readonly Attributes[], numbers = [1, 2], changes: Attributes = {}) {
  const listed = numbers.map((n): Attributes => ({
    '3006,0022': ['IS', String(n)],
    '3006,0026': ['LO', `Region ${n}`],
  }))
  const bytes = dicomObject({
    '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.481.3'],
    '3006,0020': ['SQ', listed],
    '3006,0039': ['SQ', items],
    ...changes,
  })
  return readStructureSet(bytes, 'rs.dcm')
}

describe('readStructureSet', () => {
  test('joins contours of one region from several items', async () => {
    const { regions } = await read([
      drawn(1, contour(square(0))),
      drawn(2, contour(square(0))),
      drawn(1, contour(square(3)), contour(square(6))),
    ])
    expect(regions.map(({ contours }) => contours.map(({ points }) => points[2]))).toEqual([
      [0, 3, 6],
      [0],
    ])
  })

  test('treats a contour without type as closed, and reports it', async () => {
    const { regions, remarks } = await read([drawn(1, contour(square(0), null))])
    expect(regions[0]!.contours).toHaveLength(1)
    expect(remarks).toEqual([
      'region 1: 1 contours without (3006,0042) Contour Geometric Type count as closed',
    ])
  })

  test('counts contours that enclose nothing, and reports them if the region has others', async () => {
    const { regions, remarks } = await read([
      drawn(
        1,
        contour(square(0)),
        contour('1\\1\\0', 'POINT'),
        contour('1\\1\\0\\2\\2\\0'),
        contour(square(3), 'OPEN_PLANAR'),
        contour(''),
      ),
      drawn(2, contour('1\\1\\0', 'POINT')),
    ])
    expect(regions.map(({ contours, unclosed }) => [contours.length, unclosed])).toEqual([
      [1, 3],
      [0, 1],
    ])
    expect(remarks).toEqual(['region 1: 3 points and open lines enclose nothing and do not count'])
  })

  test('marks contours of type CLOSEDPLANAR_XOR', async () => {
    const { regions } = await read([
      drawn(1, contour(square(0), 'CLOSEDPLANAR_XOR'), contour(square(0))),
    ])
    expect(regions[0]!.contours.map(({ xor }) => xor)).toEqual([true, false])
  })

  test('leaves out contours of a region that is not listed, and reports them', async () => {
    const { regions, remarks } = await read([drawn(9, contour(square(0)))])
    expect(regions.map(({ contours }) => contours.length)).toEqual([0, 0])
    expect(remarks).toEqual([
      'contours of 1 regions that the structure set does not list are left out',
    ])
  })

  test('reads regions without observations', async () => {
    const { regions } = await read([drawn(1, contour(square(0)))], [1], { '3006,0080': null })
    expect(regions).toMatchObject([{ number: 1, type: '', frame: null }])
  })

  test('refuses two regions with one number', async () => {
    await expect(read([], [1, 1])).rejects.toThrow(/\(3006,0022\) ROI Number stands twice/)
  })

  test('refuses positions outside of any scanner', async () => {
    await expect(read([drawn(1, contour('0\\0\\0\\1e9\\0\\0\\9\\9\\0'))])).rejects.toThrow(
      /\(3006,0050\) Contour Data of region 1 lies far outside/,
    )
  })
})
