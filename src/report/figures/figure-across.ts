import * as Plot from '@observablehq/plot'
import type { AcrossPatients } from '../../compare/across-patients.js'
import type { SpaceQuality } from '../../compare/space-quality.js'
import { sideBySide, type Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed, plain } from '../drawing/format.js'
import { intervalChart } from '../drawing/interval-chart.js'
import { intervalsNote } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'

const MEASURES = [
  { key: 'level_error_mm', title: 'Level error', label: 'median distance along the body (mm)' },
  { key: 'dose_gap_gy', title: 'Dose of the slice', label: 'mean difference in the body (Gy)' },
  { key: 'dvh_gap_gy', title: 'Dose-volume criteria', label: 'mean difference of plans (Gy)' },
] as const satisfies readonly { key: keyof SpaceQuality; title: string; label: string }[]

type MeasureKey = (typeof MEASURES)[number]['key']

/** Similarity of the nearest slice or plan of another patient to the query; null if it was not measured. */
export function figureAcross({ spaces, folds = null }: AcrossPatients): Figure | null {
  if (spaces.length === 0) return null
  const label = 'Retrieval across patients'
  const drawings = MEASURES.flatMap((measure) => chart(spaces, measure) ?? [])
  return {
    name: 'across-patients',
    title: 'Retrieval across patients: distance of the first result from the query',
    caption: markup`${askedText(folds)} Spaces that only see dose leave out slices without dose. Level: median
distance along the body to the nearest slice, with patients aligned by all of their organs. Dose: mean absolute
difference inside the body, with both slices centred. Dose-volume criteria: difference in the criteria of the OpenKBP
challenge from the first plan of the search for plans. Lines: ${intervalsNote(allIntervals(spaces))}; <code>random</code> is a random choice,
<code>oracle</code> the best possible one. Arrows mark values beyond the frame.`,
    drawing: sideBySide(drawings, 3, label),
    rows: spaces.flatMap((one) =>
      MEASURES.map(({ key }) => ({
        space: one.space,
        measure: key,
        value: one[key],
        low: one.intervals[key]?.[0] ?? null,
        high: one.intervals[key]?.[1] ?? null,
      })),
    ),
  }
}

function askedText(folds: number | null): string {
  return folds === null
    ? 'The queries are all slices of the held-out patients; the archive holds the slices of the other patients.'
    : `Each slice is a query once, in ${plain(folds)} folds of patients, with the other folds as the archive; training patients of an encoder are not queries in its spaces.`
}

/** Chart of one measure, for all spaces that have it. */
function chart(
  spaces: readonly SpaceQuality[],
  { key, title, label }: (typeof MEASURES)[number],
): Drawing | null {
  const rows = spaces.flatMap((one) => {
    const value = one[key]
    return value === null ? [] : [{ name: one.space, value, ...endsOf(one, key) }]
  })
  // Without the random choice, which would compress the scale.
  const shown = rows.filter(({ name }) => name !== 'random')
  if (shown.length === 0) return null
  const most = 1.25 * Math.max(...shown.map(({ value, high }) => high ?? value))
  const placed = rows.map((row) => ({
    ...row,
    beyond: row.value > most,
    at: Math.min(row.value, most),
  }))
  return intervalChart({
    label: title,
    title,
    measure: label,
    width: 356,
    height: 84 + 22 * rows.length,
    marginLeft: 96,
    marginRight: 60,
    most,
    names: rows.map(({ name }) => name),
    intervals: placed
      .filter(({ beyond }) => !beyond)
      .map((row) => ({ ...row, high: row.high === null ? null : Math.min(row.high, most) })),
    marks: [
      Plot.dot(placed, {
        y: 'name',
        x: 'at',
        r: 5,
        fill: ({ name }: { name: string }) =>
          name === 'random' || name === 'oracle' ? 'var(--ink)' : 'var(--series-1)',
        symbol: ({ beyond }: { beyond: boolean }) => (beyond ? 'triangle' : 'circle'),
        rotate: ({ beyond }: { beyond: boolean }) => (beyond ? 90 : 0),
      }),
      Plot.text(placed, {
        y: 'name',
        frameAnchor: 'right',
        dx: 11,
        textAnchor: 'start',
        text: ({ value }: { value: number }) => fixed(value, 2),
      }),
    ],
  })
}

function endsOf(one: SpaceQuality, key: MeasureKey) {
  const [low, high] = one.intervals[key] ?? [null, null]
  return { low, high }
}

function allIntervals(spaces: readonly SpaceQuality[]) {
  return spaces.flatMap((one) => MEASURES.map(({ key }) => endsOf(one, key)))
}
