import * as Plot from '@observablehq/plot'
import type { Estimate } from '../../compare/bootstrap.js'
import { fixed } from './format.js'

/** Text in place of an interval: a single patient cannot be resampled. */
export const ONE_PATIENT = 'one patient'

/** The ends of an interval, as `0.71 to 0.82`, or why there is none. */
export function intervalText({ mean, low, high }: Estimate, decimals: number): string {
  if (!Number.isFinite(mean)) return '–'
  return low === null || high === null
    ? ONE_PATIENT
    : `${fixed(low, decimals)} to ${fixed(high, decimals)}`
}

/** The sentence of a caption about the intervals of its figure. */
export function intervalsNote(estimates: readonly Pick<Estimate, 'low'>[]): string {
  return estimates.some(({ low }) => low !== null)
    ? '95 % intervals over patients'
    : `no 95 % interval for a single patient`
}

/** An estimate whose interval can be drawn. */
export interface Bounded {
  readonly low: number
  readonly high: number
}

/** The rows whose interval can be drawn. */
export function bounded<Row extends Pick<Estimate, 'low' | 'high'>>(
  rows: readonly Row[],
): (Row & Bounded)[] {
  return rows.filter((row): row is Row & Bounded => row.low !== null && row.high !== null)
}

/** A note in a chart that explains missing intervals; nothing if there are any. */
export function whyNoIntervals(
  estimates: readonly Pick<Estimate, 'low' | 'high'>[],
  place: Plot.TextOptions = { frameAnchor: 'bottom-right', dx: -6, dy: -6 },
): Plot.Markish[] {
  if (estimates.length === 0 || bounded(estimates).length > 0) return []
  return [Plot.text([`${ONE_PATIENT}: no interval`], { ...place, fill: 'var(--soft)' })]
}
