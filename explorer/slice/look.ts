import { ISODOSE_LEVELS, type IsodoseLevel } from '../../src/report/panels/isodose.js'

/** How slices are drawn: the same for all slices of a page, and part of the address. */
export interface Look {
  /** HU of mid grey, and the range from black to white. */
  readonly level: number
  readonly width: number
  readonly isodoses: boolean
  readonly wash: boolean
  readonly outlines: boolean
  /** Shows the body instead of the whole slice. */
  readonly fit: boolean
  /** Unit of the levels: percent of the prescription, or Gy. */
  readonly unit: 'percent' | 'gy'
  readonly levels: readonly number[]
}

export const USUAL_LOOK: Look = {
  level: 40,
  width: 400,
  isodoses: true,
  wash: false,
  outlines: false,
  fit: true,
  unit: 'percent',
  levels: ISODOSE_LEVELS.map(({ percent }) => percent),
}

/** Default levels in Gy. */
const USUAL_GY = [10, 20, 30, 45, 60, 66.5, 70]

export function usualLevels(unit: Look['unit']): readonly number[] {
  return unit === 'percent' ? USUAL_LOOK.levels : USUAL_GY
}

/** The look of an address. */
export function lookOf(parameters: URLSearchParams): Look {
  const number = (name: string, usual: number) => {
    const value = Number(parameters.get(name))
    return parameters.has(name) && Number.isFinite(value) ? value : usual
  }
  const flag = (name: string, usual: boolean) =>
    parameters.has(name) ? parameters.get(name) === '1' : usual
  const unit = parameters.get('unit') === 'gy' ? 'gy' : 'percent'
  const levels = (parameters.get('levels') ?? '')
    .split(',')
    .filter((text) => text !== '')
    .map(Number)
    .filter((value) => Number.isFinite(value) && value > 0)
  return {
    level: number('level', USUAL_LOOK.level),
    width: Math.max(1, number('width', USUAL_LOOK.width)),
    isodoses: flag('isodoses', USUAL_LOOK.isodoses),
    wash: flag('wash', USUAL_LOOK.wash),
    outlines: flag('outlines', USUAL_LOOK.outlines),
    fit: flag('fit', USUAL_LOOK.fit),
    unit,
    levels: levels.length > 0 ? levels.sort((a, b) => a - b) : usualLevels(unit),
  }
}

/** A level with its style: that of the default level with the nearest rank. */
export function lineOf(value: number, look: Look): IsodoseLevel & { value: number; text: string } {
  const place = look.levels.indexOf(value)
  const usual = USUAL_LOOK.levels.indexOf(value)
  const style =
    look.unit === 'percent' && usual >= 0
      ? ISODOSE_LEVELS[usual]
      : ISODOSE_LEVELS[
          Math.round((place * (ISODOSE_LEVELS.length - 1)) / Math.max(1, look.levels.length - 1))
        ]
  return {
    ...(style as IsodoseLevel),
    value,
    text: look.unit === 'percent' ? `${value} %` : `${value} Gy`,
  }
}
