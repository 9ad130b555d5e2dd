import { describe, expect, it } from 'vitest'
import { assertFamily } from '../../src/hash/assert-family.js'
import { familyChecksum, type BucketDirections, type HashFamily } from '../../src/hash/family.js'
import { thrownBy } from './sample.js'

const tiny: HashFamily = {
  name: 'tiny',
  kind: 'kernel',
  dims: 2,
  bits: 2,
  levels: 2,
  seed: 1,
  bandwidth: 0.25,
  version: 1,
  // The result of lsh_internal.checksum for these parameters.
  checksum: '0378cb7b2cd171b41bed4280c9bd79d4805ba64c0ad3495d64c8105536f1c79c',
  center: Float32Array.of(0.5, -1),
  code: {
    weight: Float32Array.of(1, 2, 3, -4),
    phase: Float64Array.of(0.125, -3),
    threshold: Float64Array.of(-0.5, 0.75),
  },
  bucket: {
    kind: 'bits',
    weight: Float32Array.of(0.25, 0.5),
    threshold: Float64Array.of(-1.5),
  },
}

const code = { ...tiny.code, phase: Float64Array.of(0.125, -3) }
const bucket = tiny.bucket as BucketDirections
const changes: [string, Partial<HashFamily>][] = [
  ['version', { version: 2 }],
  ['bandwidth', { bandwidth: 0.25000000000000006 }],
  ['center', { center: Float32Array.of(0.5, -0.99999994) }],
  ['a code weight', { code: { ...code, weight: Float32Array.of(1, 2, 3, -4.0000005) } }],
  ['a phase', { code: { ...code, phase: Float64Array.of(0.125, -3.0000000000000004) } }],
  ['a threshold', { code: { ...code, threshold: Float64Array.of(-0.5, 0.7500000000000001) } }],
  ['the order of bits', { code: { ...code, phase: Float64Array.of(-3, 0.125) } }],
  ['a bucket weight', { bucket: { ...bucket, weight: Float32Array.of(0.25, 0.50000006) } }],
  ['an offset', { bucket: { ...bucket, threshold: Float64Array.of(-1.5000000000000002) } }],
  [
    'no buckets',
    { bucket: { kind: 'bits', weight: new Float32Array(0), threshold: new Float64Array(0) } },
  ],
  ['levels', { levels: 3 }],
  ['dims', { dims: 1 }],
  ['bits', { bits: 3 }],
]

describe('familyChecksum', () => {
  it('agrees with PostgreSQL', () => {
    expect(familyChecksum(tiny)).toBe(tiny.checksum)
  })

  it.each(changes)('changes with %s', (_, change) => {
    expect(familyChecksum({ ...tiny, ...change })).not.toBe(tiny.checksum)
  })

  it('does not depend on name and seed', () => {
    expect(familyChecksum({ ...tiny, name: 'other', seed: 2 })).toBe(tiny.checksum)
  })
})

describe('assertFamily', () => {
  it('accepts a family with a matching checksum', () => {
    expect(() => assertFamily(tiny)).not.toThrow()
  })

  it('refuses a family of another version of the rule, even with a matching checksum', () => {
    const newer = { ...tiny, version: 2 }
    const call = () => assertFamily({ ...newer, checksum: familyChecksum(newer) })
    expect(thrownBy(call)).toMatchObject({
      code: 'bad_input',
      message: 'hash family "tiny" makes codes by rule 2, but this pg-lsh only knows rule 1',
      hint: expect.stringContaining('npm install pg-lsh@latest'),
    })
  })

  it.each(changes.slice(1))('refuses a family in which %s has changed', (_, change) => {
    expect(thrownBy(() => assertFamily({ ...tiny, ...change }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('hash family "tiny" has'),
      hint: expect.stringContaining('restore it'),
    })
  })

  it('names the part that has the wrong size, even with a matching checksum', () => {
    const short = { ...tiny, code: { ...code, weight: Float32Array.of(1, 2, 3) } }
    const call = () => assertFamily({ ...short, checksum: familyChecksum(short) })
    expect(call).toThrow('hash family "tiny" has 3 code weights, not 4')
  })
})
