import { LshError } from '../core/errors.js'
import { bucketCount, familyChecksum, type HashFamily } from './family.js'

/**
 * Version of the rule that turns parameters into codes and buckets; this package knows no other. The rule does not
 * cover how parameters are drawn, because families store them: a family that an older release drew still hashes as it
 * always did.
 */
export const FAMILY_VERSION = 1

/**
 * Refuses a family whose rule is unknown, whose parts do not fit together, or whose content does not match its
 * checksum.
 */
export function assertFamily(family: HashFamily): void {
  const { name, kind, dims, bits, version, center, code, bucket } = family
  if (version !== FAMILY_VERSION) {
    throw new LshError(
      'bad_input',
      `hash family "${name}" makes codes by rule ${version}, but this pg-lsh only knows rule ${FAMILY_VERSION}`,
      { hint: 'Upgrade pg-lsh: "npm install pg-lsh@latest".' },
    )
  }
  const sizes: [string, number, number][] = [
    ['center', center.length, dims],
    ['code weights', code.weight.length, bits * dims],
    ['phases', code.phase?.length ?? bits, bits],
    ['code thresholds', code.threshold.length, bits],
    [
      'bucket weights',
      bucket.weight.length,
      (bucket.kind === 'voronoi' ? bucket.parent : bucket.threshold).length * dims,
    ],
    [
      'numbers in the images of its cells',
      bucket.kind === 'voronoi' ? (bucket.images?.length ?? 0) : 0,
      kind === 'residual' ? bucketCount(family) * bits : 0,
    ],
  ]
  for (const [part, actual, expected] of sizes) {
    if (actual !== expected) refuse(`hash family "${name}" has ${actual} ${part}, not ${expected}`)
  }
  const actual = familyChecksum(family)
  if (actual !== family.checksum) {
    const [computed, recorded] = [actual.slice(0, 12), family.checksum.slice(0, 12)]
    refuse(`hash family "${name}" has checksum ${computed}, its record says ${recorded}`)
  }
}

function refuse(problem: string): never {
  throw new LshError('bad_input', problem, {
    hint: 'The stored family was changed or damaged: restore it, or create a new one.',
  })
}
