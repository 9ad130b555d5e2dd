import { describe, expect, test } from 'vitest'
import type { Plan, Structure } from '../../src/core/plan.js'
import { truthOf, type Bodies, type Body } from './kind.js'
import { kinds } from './kinds.js'
import { boneBox, gyAt } from './made-set.js'
import { doseOf, outcomeOf, writtenKind } from './outcome.js'

/** Volumes within 2 %, doses within 1 % and 0.1 Gy. */
function expectStructure(structure: Structure, body: Body | null): void {
  const { name, volumeCc, meanGy, maxGy, dvh } = structure
  if (body === null) {
    expect([volumeCc, meanGy, maxGy, dvh], name).toEqual([null, null, null, null])
    return
  }
  const truth = truthOf(body)
  expect(Math.abs(volumeCc! - truth.volumeCc), `${name}: ${volumeCc} cc`).toBeLessThanOrEqual(
    0.02 * truth.volumeCc,
  )
  if (truth.gy === null) {
    expect([meanGy, maxGy, dvh], name).toEqual([null, null, null])
    return
  }
  const { mean, d2, d98 } = truth.gy
  for (const [what, is, right] of [
    ['mean', meanGy, mean],
    ['D2', doseOf(dvh!, 0.02), d2],
    ['D98', doseOf(dvh!, 0.98), d98],
  ] as const)
    expect(Math.abs(is! - right), `${name} ${what}: ${is}, not ${right} Gy`).toBeLessThanOrEqual(
      0.01 * right + 0.1,
    )
}

function expectBodies({ structures }: Plan, bodies: Bodies): void {
  expect(structures.map(({ name }) => name)).toEqual(Object.keys(bodies).sort())
  for (const structure of structures) expectStructure(structure, bodies[structure.name] ?? null)
}

/** Images and dose lie together: bone of the right size, with the dose of the place where it is. */
function expectBone({ slices, voxelMm: [rowMm, columnMm, sliceMm] }: Plan, hasDose: boolean): void {
  let [count, sum] = [0, 0]
  for (const { ct, dose } of slices)
    ct.forEach((hu, pixel) => {
      if (hu < 400) return
      count++
      sum += dose?.[pixel] ?? 0
    })
  const [x, y, z] = boneBox
  const cc = ((x[1] - x[0]) * (y[1] - y[0]) * (z[1] - z[0])) / 1000
  expect(Math.abs((count * rowMm * columnMm * sliceMm) / 1000 - cc)).toBeLessThan(0.06 * cc)
  const middle = [x, y, z].map(([from, to]) => (from + to) / 2) as [number, number, number]
  if (hasDose) expect(Math.abs(sum / count - gyAt(middle)), 'dose of the bone').toBeLessThan(0.2)
}

const meanOf = ({ structures }: Plan) => structures[0]?.meanGy ?? 0

describe.each(Object.entries(kinds))('%s', (_title, group) => {
  test.each(group.map((kind) => [kind.name, kind] as const))('%s', async (_name, kind) => {
    const { expected } = kind
    const { plans, refusals } = await outcomeOf(await writtenKind(kind), kind.strict)
    if ('refused' in expected) {
      expect(plans).toEqual([])
      const named = refusals.filter(({ message }) => message.includes(expected.refused))
      expect(named, JSON.stringify(refusals)).not.toEqual([])
      for (const { message, hint } of named) {
        // File, attribute and remedy.
        expect(message).toMatch(/\S\.dcm:? .*\([\dA-F]{4},[\dA-F]{4}\)/)
        expect(hint.length).toBeGreaterThan(10)
      }
      return
    }
    expect(plans.length, JSON.stringify(refusals)).toBe(expected.plans.length)
    const ordered = [...plans].sort((a, b) => meanOf(a) - meanOf(b))
    ordered.forEach((plan, i) => {
      expectBodies(plan, expected.plans[i]!)
      if (expected.bone !== false && expected.plans.length === 1)
        expectBone(
          plan,
          plan.slices.some(({ dose }) => dose !== null),
        )
      if (expected.remark !== undefined) expect(plan.remarks?.join('\n')).toContain(expected.remark)
    })
  })
})
