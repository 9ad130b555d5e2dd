import { organByWords } from './anatomy.js'

/** Ranges of numbers in target names that may be doses in Gy: without a unit, and with one. */
const [plain, withUnit] = [
  { lowest: 20, highest: 99 },
  { lowest: 1, highest: 150 },
] as const
/** Units and words whose numbers are not doses: fractions, margins, volumes, phases of breathing, ages. */
const otherUnits = new Set(
  (
    'bin bins cc ccm cm d day days deg f fr frac fraction fractions fraktion fraktionen frx fx fxs h hr iso isodose jahre kv m ' +
    'mev min ml mm mv nd pc pct percent ph phase phases prozent rd s sec sitzungen st tage th week weeks wk wks x y year years ' +
    'yo yr yrs'
  ).split(' '),
)
/**
 * Words that may precede the dose of a target, in addition to organs. After any other word, a number may mean anything:
 * `PTV week 30`.
 */
const qualifiers = new Set([
  ...(
    'a adj ax axilla b boost bst c crop cropped cw dose elective eval final gy hd high hn hr imn inner int interm intermediate l ' +
    'left li ln lns lobe low lr lt lymph main med mid n neck nodal node nodes opt p primary prim r re right rt scl scv sib spine ' +
    'sum total tot tumor tumour ctv gtv itv ptv'
  ).split(' '),
  ...[...organByWords.keys()].flatMap((words) => words.split(' ')),
])
/** Range of four-digit numbers that are years, unless cGy follows. */
const years = { first: 2001, last: 2099 } as const
const number = /(?<![\d.,])(\d{1,5}(?:[.,]\d+)?)(?!\d)/g
const dates = /\d+([./-])\d+\1\d+/g
const multiplied = /^\s?(c?gy)?\s?(x\s?\d|[×*])/

/**
 * The dose in the name of a target, in Gy; `null` if there is none or more than one: 70 for `PTV70`, `PTV_7000`, `PTV
 * 70 Gy`, `ptv boost 70`. A number is not a dose if it has another unit (`25fx`, `30mm`, `95%`, `week 30`), is
 * multiplied (`2.0x33`, `2 Gy x 33`) or added (`PTV+30`), belongs to another word (`V95`, `T50`), or is part of a date.
 */
export function targetDose(name: string): number | null {
  const text = name.toLowerCase().replace(dates, ' ')
  const said = { plain: new Set<number>(), withUnit: new Set<number>() }
  let added = false
  for (const match of text.matchAll(number)) {
    const [digits] = match
    const before = text.slice(0, match.index)
    const behind = text.slice(match.index + digits.length)
    if (!standsAlone(before) || multiplied.test(behind)) continue
    const unit = /^\s?(\p{L}+|[%#°])/u.exec(behind)?.[1] ?? ''
    const value = Number(digits.replace(',', '.'))
    if (unit === 'gy' || unit === 'cgy') {
      const gy = unit === 'gy' ? value : value / 100
      if (gy >= withUnit.lowest && gy <= withUnit.highest) said.withUnit.add(gy)
    } else if (!otherUnits.has(unit) && !/^[%#°]$/.test(unit)) {
      if (value >= years.first && value <= years.last) continue
      const gy = value >= 1000 ? value / 100 : value
      if (gy < plain.lowest || gy > plain.highest || !isQualified(before)) continue
      // A margin, or a second dose: `PTV54+60`.
      if (/\+\s*$/.test(before)) added = true
      else said.plain.add(gy)
    }
  }
  if (said.withUnit.size === 0 && added) return null
  const found = said.withUnit.size > 0 ? said.withUnit : said.plain
  const [only] = found
  return found.size === 1 ? (only ?? null) : null
}

/** Whether a number after a text stands alone: not multiplied, part of another word, or a number of fractions. */
function standsAlone(before: string): boolean {
  if (/((?<!\p{L})x|[×*/#])\s*$/u.test(before) || /\bin\s+$/.test(before)) return false
  const word = /\p{L}+$/u.exec(before)?.[0]
  return word === undefined || /^(ptv|ctv|gtv|itv)[pn]?$/.test(word)
}

/** Whether only words in front that may precede a dose occur in a text. The unit of a number is ignored. */
function isQualified(before: string): boolean {
  const words = before.replace(/\d\s?\p{L}+/gu, ' ').match(/\p{L}+/gu) ?? []
  return words.every((word) => qualifiers.has(word) || /^(ptv|ctv|gtv|itv)[pn]?$/.test(word))
}
