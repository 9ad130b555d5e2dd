import type { BitReader, HuffmanTable } from './jpeg-bits.js'
import type { PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'

/** Parameters of a lossless scan, from its header and earlier segments. */
export interface LosslessScan {
  readonly reader: BitReader
  readonly table: HuffmanTable
  readonly precision: number
  /** Selects the neighbours that predict a sample, 1 to 7. */
  readonly predictor: number
  /** Number of low bits that were dropped. */
  readonly pointTransform: number
  /** Samples between two restart markers; 0 if there are none. */
  readonly restartInterval: number
}

/**
 * Decodes a lossless scan (process 14 of JPEG: each sample is a prediction from its neighbours plus a difference). This
 * is not left to a package: jpeg-lossless-decoder-js 2.1.2 silently fills a truncated stream with zeros, loses the last
 * sample of an image, and does not support point transforms.
 */
export function decodeLossless(scan: LosslessScan, size: PixelLayout, refuse: Refuse): Uint16Array {
  const { reader, table, precision, predictor, pointTransform, restartInterval } = scan
  const { rows, columns } = size
  if (predictor < 1 || predictor > 7) refuse(`has the predictor ${predictor} in its JPEG stream`)
  if (pointTransform >= precision)
    refuse(`drops ${pointTransform} bits of ${precision} in its JPEG stream`)
  if (restartInterval % columns !== 0) refuse('is damaged: its JPEG stream restarts within a row')
  const interval = restartInterval / columns
  const samples = new Uint16Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const restarted = interval > 0 && row > 0 && row % interval === 0
    if (restarted) reader.restart()
    const first = row === 0 || restarted
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      const left = samples[at - 1] as number
      const above = samples[at - columns] as number
      let predicted: number
      if (column === 0) predicted = first ? 1 << (precision - pointTransform - 1) : above
      else if (first || predictor === 1) predicted = left
      else predicted = predict(predictor, left, above, samples[at - columns - 1] as number)
      const category = reader.symbol(table)
      if (category > 16) refuse('is damaged: a difference in its JPEG stream has over 16 bits')
      // The category 16 has a single value and no additional bits.
      const difference = category === 16 ? 32768 : reader.signed(category)
      // Modulo 2^16, by the type of the array.
      samples[at] = predicted + difference
    }
  }
  if (pointTransform > 0) for (let i = 0; i < samples.length; i++) samples[i]! <<= pointTransform
  return samples
}

function predict(predictor: number, left: number, above: number, corner: number): number {
  switch (predictor) {
    case 2:
      return above
    case 3:
      return corner
    case 4:
      return left + above - corner
    case 5:
      return left + ((above - corner) >> 1)
    case 6:
      return above + ((left - corner) >> 1)
    default:
      return (left + above) >> 1
  }
}
