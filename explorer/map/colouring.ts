import type { MapAnswer } from '../api.js'

export const COLOURINGS = [
  ['level', 'position along the patient'],
  ['dose', 'mean dose'],
  ['prescription', 'prescription'],
  ['group', 'site or label'],
  ['dataset', 'data set'],
] as const

export type ColouringName = (typeof COLOURINGS)[number][0]

export type Colour = readonly [red: number, green: number, blue: number]

/** Nine colours of viridis: dark violet to yellow, perceptually uniform. */
const RAMP: readonly Colour[] = [
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
]
const NOTHING: Colour = [128, 128, 128]

/** After Okabe and Ito. */
export const NAMED: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [240, 228, 66],
  [120, 120, 120],
]

/** A colour of the ramp, from 0 to 1. */
export function rampColour(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (RAMP.length - 1)
  const below = Math.min(RAMP.length - 2, Math.floor(place))
  const [low, high] = [RAMP[below] as Colour, RAMP[below + 1] as Colour]
  const mix = (channel: 0 | 1 | 2) =>
    low[channel] + (place - below) * (high[channel] - low[channel])
  return [mix(0), mix(1), mix(2)]
}

/** The values by which a map is coloured; null if it is coloured by names. */
export function valuesOf(map: MapAnswer, by: ColouringName): readonly (number | null)[] | null {
  return by === 'group' || by === 'dataset' ? null : map[by]
}

/** Smallest and largest known value. */
export function rangeOf(values: readonly (number | null)[]): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value === null) continue
    if (value < least) least = value
    if (value > most) most = value
  }
  return least > most ? [0, 1] : [least, most]
}

/** The colour of each point. */
export function colouring(map: MapAnswer, by: ColouringName): readonly Colour[] {
  const values = valuesOf(map, by)
  if (values === null)
    return map[by as 'group' | 'dataset'].map((place) => NAMED[Math.min(7, place)] as Colour)
  const [least, most] = rangeOf(values)
  return values.map((value) =>
    value === null ? NOTHING : rampColour(most > least ? (value - least) / (most - least) : 0.5),
  )
}
