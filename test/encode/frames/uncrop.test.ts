import { describe, expect, it } from 'vitest'
import { frame, frameBox, preprocessingOf } from '../../../src/encode/frames/frame.js'
import { uncrop } from '../../../src/encode/frames/uncrop.js'

/** A body of 20 x 14 pixels in air of 40 x 40, with gradients that a frame preserves. */
function slice(top: number, left: number) {
  const [rows, columns] = [40, 40]
  const ct = new Int16Array(rows * columns).fill(-1000)
  for (let y = 0; y < 20; y++)
    for (let x = 0; x < 14; x++) ct[(top + y) * columns + left + x] = 10 * y + 20 * x
  return { rows, columns, ct }
}

const body = preprocessingOf('ct', { size: 32, crop: 'body' })

describe('a frame of the body', () => {
  it('does not depend on the position of the body', () => {
    expect(frame(slice(3, 4), body)).toEqual(frame(slice(15, 20), body))
  })

  it('shows the body with a margin in the middle of a square', () => {
    const { top, left, height, width } = frameBox(slice(10, 12), body)
    expect([height, width]).toEqual([20.8, 20.8])
    expect(top + height / 2).toBeCloseTo(20)
    expect(left + width / 2).toBeCloseTo(19)
  })

  it('requires the CT to find the body', () => {
    const bare = { rows: 2, columns: 2, dose: new Float32Array(4) }
    expect(() => frame(bare, preprocessingOf('dose', { crop: 'body' }))).toThrow(
      expect.objectContaining({ code: 'bad_input', message: expect.stringMatching(/no ct/) }),
    )
  })
})

describe('uncrop', () => {
  it('reconstructs the whole frame from that of the body', () => {
    const image = slice(10, 12)
    const whole = frame(image, preprocessingOf('ct', { size: 20 }))
    const back = uncrop(frame(image, body), { ...image, box: frameBox(image, body), size: 20 })
    // The rim is a step from body to air, which linear interpolation cannot follow.
    const inner = [...whole.keys()].filter((i) => {
      const [y, x] = [Math.floor(i / 20), i % 20]
      return y >= 7 && y < 13 && x >= 8 && x < 11
    })
    for (const i of inner) expect(back[i]).toBeCloseTo(whole[i] as number, 2)
    expect(inner.length).toBe(18)
  })

  it('fills in air outside the frame', () => {
    const image = slice(10, 12)
    const back = uncrop(new Float32Array(32 * 32).fill(1), {
      ...image,
      box: frameBox(image, body),
      size: 40,
    })
    expect(back[0]).toBe(0)
    expect(back[20 * 40 + 18]).toBeCloseTo(1)
    expect(back[39 * 40 + 39]).toBe(0)
  })
})
