import type { Structure } from '../../core/plan.js'
import { organByWords, pairs, sideFirst } from '../volume/anatomy.js'
import type { Region } from '../dicom/objects/structure-set.js'
import { targetDose } from '../volume/target-dose.js'

/** A region with its stored name and role. */
export type NamedRegion = Region & Pick<Structure, 'name' | 'role'>

/** Planning aids and couches, which are neither targets nor organs. */
const devices =
  /^(SUPPORT|FIXATION|BOLUS|MARKER|REGISTRATION|ISOCENTER|CONTROL|DOSE_|TREATED|IRRADIATED|BRACHY_)/
const targetTypes = ['PTV', 'CTV', 'GTV']
const left = ['l', 'lt', 'left']
const right = ['r', 'rt', 'right']
const both = ['lr', 'rl', 'both', 'bilat', 'bilateral']
const sides = [...left, ...right, ...both]

/**
 * Gives regions standard names. Everything else in a name is dropped, because it may identify the patient: a region
 * without a standard name becomes `Structure` with its number.
 */
export function nameRegions(regions: readonly Region[]): NamedRegion[] {
  const taken = new Set<string>()
  return regions
    .filter(({ type }) => !devices.test(type))
    .map((region): NamedRegion => {
      const words = wordsOf(region.name)
      const target = targetName(region.name, words, region.type)
      const name = target ?? organName(words) ?? `Structure_${region.number}`
      return { ...region, name: free(name, taken), role: target === null ? 'organ' : 'target' }
    })
}

/** Words and numbers of a name in lower case: `LeftParotid_PRV3` becomes left, parotid, prv, 3. */
function wordsOf(name: string): string[] {
  const spaced = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/(\p{L})(\d)/gu, '$1 $2')
  return spaced.toLowerCase().match(/\d+(\.\d+)?|\p{L}+/gu) ?? []
}

/** `PTV`, `CTV`, `GTV` or `ITV`, with the dose if the name contains one: `PTV70`. */
function targetName(name: string, words: readonly string[], type: string): string | null {
  const [first = ''] = words
  const [, kind] = /^(ptv|ctv|gtv|itv)[pn]?$/.exec(first) ?? []
  if (kind === undefined && !targetTypes.includes(type)) return null
  const suffix = kind !== undefined && first.length > kind.length ? first.slice(-1) : ''
  return `${(kind ?? type).toUpperCase()}${suffix}${targetDose(name) ?? ''}`
}

/**
 * Standard name of an organ with its side, plus `_PRV` if it has a margin. Both sides together get the name of the
 * pair, or the name without a side; null if the words are not an organ.
 */
function organName(words: readonly string[]): string | null {
  const margin = words.indexOf('prv')
  const named = margin >= 0 ? words.slice(0, margin) : words
  const said = named.filter((word) => !sides.includes(word))
  const organ = organByWords.get(said.join(' ')) ?? organByWords.get(said.join(''))
  if (organ === undefined) return null
  const prv = margin >= 0 ? '_PRV' : ''
  const has = (side: readonly string[]) => words.some((word) => side.includes(word))
  const [isLeft, isRight] = [has(left), has(right)]
  if ((isLeft && isRight) || has(both)) return (pairs.get(organ) ?? organ) + prv
  if (!isLeft && !isRight) return organ + prv
  return sideFirst.includes(organ)
    ? `${isLeft ? 'Left' : 'Right'}${organ}${prv}`
    : `${organ}_${isLeft ? 'L' : 'R'}${prv}`
}

/** The name, with a number appended if it is taken. */
function free(name: string, taken: Set<string>): string {
  let unique = name
  for (let number = 2; taken.has(unique); number++) unique = `${name}_${number}`
  taken.add(unique)
  return unique
}
