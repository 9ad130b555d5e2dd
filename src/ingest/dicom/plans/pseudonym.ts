import { createHmac } from 'node:crypto'

/** Kind of a value; equal values of different kinds get different pseudonyms. */
export type PseudonymKind = 'patient' | 'plan' | 'machine'

/** Maps a value to a stable pseudonym that cannot be reversed without the key. */
export type Pseudonymise = (kind: PseudonymKind, value: string) => string

/** 80 bits: the chance that two of a million patients share a pseudonym is one in a trillion. */
const hexDigits = 20

/** Pseudonyms by a keyed hash (HMAC with SHA-256). */
export function pseudonymsOf(key: string | Uint8Array): Pseudonymise {
  return (kind, value) =>
    createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex').slice(0, hexDigits)
}
