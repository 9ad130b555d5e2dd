import { createHash } from 'node:crypto'
import { LshError } from '../../core/errors.js'
import type { AnyPreprocessing, TrainedEncoder } from './trained-encoder.js'

/** The parts of an encoder that decide what it computes. */
export type EncoderIdentity = Pick<
  TrainedEncoder<AnyPreprocessing>,
  | 'architecture'
  | 'preprocessing'
  | 'dims'
  | 'featureLayer'
  | 'topology'
  | 'weightSpecs'
  | 'weights'
>

/** sha256 in hex over everything that decides the output of the encoder. */
export function encoderChecksum(encoder: EncoderIdentity): string {
  const { architecture, preprocessing, dims, featureLayer, topology, weightSpecs, weights } =
    encoder
  const described = { architecture, preprocessing, dims, featureLayer, topology, weightSpecs }
  return createHash('sha256').update(sorted(described)).update(weights).digest('hex')
}

/** Refuses an encoder that does not match its checksum. */
export function assertChecksum(encoder: TrainedEncoder<AnyPreprocessing>): void {
  const actual = encoderChecksum(encoder)
  if (actual === encoder.checksum) return
  throw new LshError(
    'bad_input',
    `encoder has checksum ${actual.slice(0, 12)}, its record says ${encoder.checksum.slice(0, 12)}`,
    { hint: 'The stored encoder was changed or damaged: train it again, or restore it.' },
  )
}

/** JSON with sorted keys, because jsonb does not preserve their order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
