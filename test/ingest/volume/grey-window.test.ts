import { describe, expect, test } from 'vitest'
import {
  hounsfieldOf,
  parseWindow,
  previewWindow,
  throughWindow,
  usualWindows,
  windowText,
} from '../../../src/ingest/volume/grey-window.js'

const window = previewWindow

describe('a window of Hounsfield units', () => {
  test('is converted to text and back', () => {
    for (const one of usualWindows) expect(parseWindow(windowText(one))).toEqual(one)
    for (const text of ['', '1', '240 -160', '5 5', '1.5 2', '-160 240 ', '-160  240', '1e3 2e3'])
      expect(parseWindow(text)).toBeNull()
  })

  test('preserves values within it', () => {
    const ct = Int16Array.from({ length: 394 }, (_, i) => i - 155)
    const slice = { rows: 1, columns: ct.length, ct }
    expect(hounsfieldOf(throughWindow(slice, window), window)).toEqual(slice)
  })

  test('maps black to air around the body and to lung or airway inside, and white to bone', () => {
    const [air, fat, lung, bone] = [-1000, -90, -800, 1200]
    // prettier-ignore
    const ct = Int16Array.of(
      air,  air,  air,  air,  air,
      air,  fat,  fat,  fat,  air,
      air,  fat,  lung, bone, air,
      air,  fat,  fat,  fat,  air,
      lung, air,  air,  air,  air,
    )
    const slice = { rows: 5, columns: 5, ct }
    const { ct: found } = hounsfieldOf(throughWindow(slice, window), window)
    const expected = ct.map((hu, i) =>
      hu === bone ? 680 : i === 12 ? -700 : hu === lung || hu === air ? -1024 : hu,
    )
    expect(found).toEqual(expected)
  })

  test('limits values to its range if it is wide', () => {
    const wide = { low: -1000, high: 2000 }
    const slice = { rows: 1, columns: 3, ct: Int16Array.of(-3000, 0, 3000) }
    expect([...hounsfieldOf(throughWindow(slice, wide), wide).ct]).toEqual([-1024, 0, 2000])
  })
})
