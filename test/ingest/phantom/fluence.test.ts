import { describe, expect, test } from 'vitest'
import { beamModel } from '../../../src/ingest/phantom/beams.js'
import { optimiseDose, sliceGoal } from '../../../src/ingest/phantom/fluence.js'

const pixel = (i: number, j: number) => i * 128 + j

/** A disc of water with a diameter of 60 pixels. */
function water() {
  const hu = new Float32Array(128 * 128).fill(-1024)
  const body = new Uint8Array(128 * 128)
  for (let i = 0; i < 128; i++)
    for (let j = 0; j < 128; j++)
      if (Math.hypot(i - 63.5, j - 63.5) < 30) {
        hu[pixel(i, j)] = 0
        body[pixel(i, j)] = 1
      }
  return { hu, body }
}

describe('beamModel', () => {
  const { hu, body } = water()
  const model = beamModel(hu, body, { beams: 1, firstAngle: 0 })
  const at = (i: number, j: number) => model.strength[model.pixels.indexOf(pixel(i, j))] as number

  test('attenuates a beam by about 5 % per centimetre after its build-up', () => {
    // The first beam comes from the front; 20 pixels are 78 mm.
    expect(at(80, 63) / at(60, 63)).toBeCloseTo(Math.exp(-0.005 * 78.1), 2)
    expect(at(34, 63) / at(60, 63)).toBeLessThan(0.95 * Math.exp(0.005 * 101.6))
  })

  test('delivers no dose to pixels outside the body', () => {
    expect(model.pixels.every((p) => body[p] === 1)).toBe(true)
  })
})

describe('optimiseDose', () => {
  const { hu, body } = water()
  const model = beamModel(hu, body, { beams: 7, firstAngle: 0.1 })
  const wanted = new Uint8Array(128 * 128)
  const cord = new Uint8Array(128 * 128)
  for (let i = 56; i < 66; i++) for (let j = 50; j < 78; j++) wanted[pixel(i, j)] = 70
  for (let i = 70; i < 73; i++) for (let j = 62; j < 65; j++) cord[pixel(i, j)] = 1
  const goal = sliceGoal(wanted, new Map([['SpinalCord', cord]]))

  function errorAfter(steps: number): number {
    const dose = optimiseDose(model, goal, { steps })
    return model.pixels.reduce((sum, p, n) => {
      const gy = dose[n] as number
      const target = wanted[p] as number
      const excess = Math.max(0, gy - (goal.limit[p] as number))
      return sum + (target > 0 ? (gy - target) ** 2 : (goal.weight[p] as number) * excess ** 2)
    }, 0)
  }

  test('comes closer to the objectives with every few steps', () => {
    const errors = [0, 2, 6, 12, 24].map(errorAfter)
    errors.slice(1).forEach((error, n) => expect(error).toBeLessThan(errors[n] as number))
  })

  test('fills the target and spares the cord behind it', () => {
    const dose = optimiseDose(model, goal)
    const mean = (mask: Uint8Array) => {
      const inside = [...model.pixels].flatMap((p, n) => (mask[p] ? [dose[n] as number] : []))
      return inside.reduce((sum, gy) => sum + gy, 0) / inside.length
    }
    expect(mean(wanted)).toBeGreaterThan(67)
    expect(mean(wanted)).toBeLessThan(72)
    expect(mean(cord)).toBeLessThan(42)
    expect(dose.every((gy) => gy >= 0)).toBe(true)
  })
})
