import { LshError } from '../../core/errors.js'

/**
 * Refuses invalid doses and masks, which would be stored as a dose of 0 and a volume of 0.
 *
 * @throws LshError `bad_input`
 */
export function checkValues(
  { dose, masks }: { dose: Float32Array | null; masks: ReadonlyMap<string, Uint8Array> },
  sourceKey: string,
): void {
  const wrong = dose === null ? -1 : firstWrong(dose)
  if (wrong >= 0)
    throw new LshError('bad_input', `${sourceKey} has a dose of ${dose![wrong]} Gy`, {
      hint: 'Doses are finite and not negative, with 0 where none was calculated. Export the dose again.',
    })
  for (const [name, mask] of masks)
    if (bitsOf(mask) > 1)
      throw new LshError(
        'bad_input',
        `${sourceKey} has the value ${mask.find((value) => value > 1)} in ${name}`,
        { hint: 'A structure is 1 inside and 0 outside. Write it again.' },
      )
}

function firstWrong(dose: Float32Array): number {
  for (let v = 0; v < dose.length; v++) if (!(dose[v]! >= 0 && dose[v]! < Infinity)) return v
  return -1
}

/** Bitwise or of all values, in one pass without branches, because the masks of a plan have some twenty million voxels. */
function bitsOf(mask: Uint8Array): number {
  let bits = 0
  for (let v = 0; v < mask.length; v++) bits |= mask[v]!
  return bits
}
