import { foldText, isUnspellable, soundOf, spellings } from './fold-text.js'

/** Values of a patient that must be removed from paths. */
export interface Identity {
  /** Parts of the name, in each possible character set. */
  readonly names: readonly string[]
  /** Numbers and dates. */
  readonly numbers: readonly string[]
}

/** Replacement of a removed part. */
const struck = '…'
/** A name with at least this many letters is also removed from longer words. */
const longName = 4
/** Words that describe a file. If a patient's name is in a script without rules, only these words are shown. */
const technical = new Set(
  (
    'adaptive beam body boost brachy ct cbct cone contour contours copy course ctv data dcm dicom dicomdir dose doses ' +
    'export external file files fraction fractions frame gtv gy im image images import img ima in lung mr mri of original ' +
    'patient patients pet phase plan planning plans prostate pt ptv rd record reg registration replan rp rs rt rtdose ' +
    'rtion rtplan rtrecord rtss rtst rtstruct scan scans series set sets slice slices ss st structure structures study sum ' +
    'test the tomo treatment vmat zip'
  ).split(' '),
)

/**
 * Removes identifying values from the name of a file: exact values, dates in any order, and words that are spelled or
 * sound like a name, in any script, with or without diacritics.
 */
export function nameHider(identities: Iterable<Identity>): (name: string) => string {
  const [values, dates, sounds] = [new Set<string>(), new Set<string>(), new Set<string>()]
  let unspellable = false
  for (const { names, numbers } of identities) {
    for (const name of names) {
      values.add(name)
      for (const way of spellings(name)) {
        values.add(way)
        sounds.add(soundOf(way))
      }
    }
    unspellable ||=
      names.some(isUnspellable) && !names.some((name) => /\p{Script=Latin}/u.test(name))
    for (const number of numbers) {
      const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(number) ?? []
      if (year !== undefined && month !== undefined && day !== undefined)
        dates.add(datePattern(year, month, day))
      values.add(number)
      for (const part of number.match(/\d{4,}/g) ?? []) values.add(part)
    }
  }
  const whole = [...values]
    .filter((value) => value.length >= longName || /\d{3}/.test(value) || isUnspellable(value))
    .sort((a, b) => b.length - a.length)
    .map((value) => new RegExp(escaped(value), 'giu'))
  const patterns = [...whole, ...[...dates].map((date) => new RegExp(date, 'gi'))]
  return (name) => {
    const plain = patterns.reduce(
      (hidden, pattern) => hidden.replaceAll(pattern, struck),
      name.normalize('NFC'),
    )
    const hidden = plain.replace(/[\p{L}\p{M}]+/gu, (word) => (tells(word) ? struck : word))
    return hidden.replace(/…(?:…)+/g, struck)
  }

  function tells(word: string): boolean {
    const folded = foldText(word)
    if (unspellable && !technical.has(folded)) return true
    // `HarknessWilhelmina` and `HARKNESSct` are two words each.
    const parts = [word, ...word.split(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Ll})/u)]
    const heard = parts.flatMap((part) => spellings(part).map(soundOf))
    return heard.some((sound) =>
      [...sounds].some(
        (name) => sound === name || (name.length >= longName && sound.includes(name)),
      ),
    )
  }
}

/** A date in any order, with or without separators. */
function datePattern(year: string, month: string, day: string): string {
  const short = `(?:${year.slice(0, 2)})?${year.slice(2)}`
  const [m, d] = [month, day].map((number) => `0?${number.replace(/^0/, '')}`) as [string, string]
  const orders = [
    [short, m, d],
    [d, m, short],
    [m, d, short],
  ]
  const ways = orders.map((order) => order.join('[^a-z\\d]?')).join('|')
  return `(?<!\\d)(?:${ways})(?!\\d)`
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
