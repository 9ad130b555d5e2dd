/** A number with a fixed number of decimals; a dash for NaN. */
export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? unsignedZero(value.toFixed(decimals)) : '–'
}

/** A number with a plus or a true minus sign. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals)
  return text.startsWith('-') ? text.replace('-', '−') : `+${text}`
}

/** A number with at most three decimals and no trailing zeros: 70, 0.5, 12.125. */
export function plain(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : '–'
}

/** A number with three significant digits, never in scientific notation: 0.0412, 1.53, 207. */
export function threeDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return fixed(value, 0)
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1
  return fixed(value, Math.min(6, Math.max(0, 3 - whole)))
}

/** A coordinate of a picture, rounded to a hundredth, so that golden files are short and stable. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0)
}

function unsignedZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text
}
