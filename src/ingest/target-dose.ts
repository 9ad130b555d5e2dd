/** Doses that a number in the name of a target may be, in Gy: without a unit, and with one. */
const [plain, withUnit] = [
  { lowest: 20, highest: 99 },
  { lowest: 1, highest: 150 },
] as const
/** What a number counts that is no dose: fractions, margins, volumes, phases of breathing, ages. */
const otherUnits = new Set(
  (
    'bin bins cc ccm cm d day days deg f fr frac fraction fractions frx fx fxs h hr iso isodose kv m mev min ml mm mv ' +
    'nd pc pct percent ph phase phases prozent rd s sec st th week weeks wk wks x y year years yo yr yrs'
  ).split(' '),
)
/** Numbers of four digits that are years, unless cGy stands behind them. */
const years = { first: 2001, last: 2099 } as const
const number = /(?<![\d.,])(\d{1,5}(?:[.,]\d+)?)(?!\d)/g
const dates = /\d+([./-])\d+\1\d+/g

/**
 * The dose that the name of a target says, in Gy, `null` where it says none or several: 70 of `PTV70`, `PTV_7000`, `PTV 70
 * Gy`, `ptv boost 70`. A number says none that counts something else (`25fx`, `30mm`, `95%`), is multiplied
 * (`2.0x33`) or added (`PTV+30`), belongs to another word (`V95`, `T50`), or is part of a date.
 */
export function targetDose(name: string): number | null {
  const text = name.toLowerCase().replace(dates, ' ')
  const said = { plain: new Set<number>(), withUnit: new Set<number>() }
  for (const match of text.matchAll(number)) {
    const [digits] = match
    const before = text.slice(0, match.index)
    const behind = text.slice(match.index + digits.length)
    if (!standsAlone(before)) continue
    const unit = /^\s?(\p{L}+|[%#°×*])/u.exec(behind)?.[1] ?? ''
    const value = Number(digits.replace(',', '.'))
    if (unit === 'gy' || unit === 'cgy') {
      const gy = unit === 'gy' ? value : value / 100
      if (gy >= withUnit.lowest && gy <= withUnit.highest) said.withUnit.add(gy)
    } else if (!otherUnits.has(unit) && !/^[%#°×*]$/.test(unit)) {
      if (value >= years.first && value <= years.last) continue
      const gy = value >= 1000 ? value / 100 : value
      if (gy >= plain.lowest && gy <= plain.highest) said.plain.add(gy)
    }
  }
  const found = said.withUnit.size > 0 ? said.withUnit : said.plain
  const [only] = found
  return found.size === 1 ? (only ?? null) : null
}

/** Whether a number behind a text counts for itself: not multiplied, added, of another word, or of fractions. */
function standsAlone(before: string): boolean {
  if (/((?<!\p{L})x|[×*+/#])\s*$/u.test(before) || /\bin\s+$/.test(before)) return false
  const word = /\p{L}+$/u.exec(before)?.[0]
  return word === undefined || /^(ptv|ctv|gtv|itv)[pn]?$/.test(word)
}
