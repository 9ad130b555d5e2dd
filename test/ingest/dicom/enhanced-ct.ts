import type { Vector3 } from '../../../src/ingest/volume/planes.js'
import { dicomObject, type Attributes, type Value } from './bytes.js'
import { huAt, secrets, uids } from './made-plan.js'

const [side, mm] = [32, 8]
const us = (value: number): Value => ['US', [value]]

/** The CT of the generated plan as one file whose frames are not in spatial order. */
export function enhancedCt(heights: readonly number[]): Uint8Array {
  const middle = (-(side - 1) / 2) * mm
  const order = [...heights].sort((a, b) => ((a + 100) % 7) - ((b + 100) % 7))
  const stored = order.flatMap((z) =>
    Array.from({ length: side * side }, (_, i) => {
      const place: Vector3 = [middle + (i % side) * mm, middle + Math.floor(i / side) * mm, z]
      return huAt(place) + 1024
    }),
  )
  const frame = (z: number): Attributes => ({
    '0020,9113': ['SQ', [{ '0020,0032': ['DS', `${middle}\\${middle}\\${z}`] }]],
  })
  return dicomObject(
    {
      '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.2.1'],
      '0008,0018': ['UI', uids.image(0)],
      '0008,0060': ['CS', 'CT'],
      '0010,0010': ['PN', secrets.name],
      '0010,0020': ['LO', secrets.id],
      '0020,000d': ['UI', uids.study],
      '0020,000e': ['UI', uids.series],
      '0020,0052': ['UI', uids.frame],
      '0028,0002': us(1),
      '0028,0004': ['CS', 'MONOCHROME2'],
      '0028,0008': ['IS', String(heights.length)],
      '0028,0010': us(side),
      '0028,0011': us(side),
      '0028,0100': us(16),
      '0028,0101': us(16),
      '0028,0102': us(15),
      '0028,0103': us(0),
      '5200,9229': [
        'SQ',
        [
          {
            '0020,9116': ['SQ', [{ '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'] }]],
            '0028,9110': ['SQ', [{ '0028,0030': ['DS', `${mm}\\${mm}`] }]],
            '0028,9145': ['SQ', [{ '0028,1052': ['DS', '-1024'], '0028,1053': ['DS', '1'] }]],
          },
        ],
      ],
      '5200,9230': ['SQ', order.map(frame)],
    },
    { pixels: stored },
  )
}
