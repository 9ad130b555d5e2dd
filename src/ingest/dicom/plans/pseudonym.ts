import { createHmac } from 'node:crypto'

/** What a pseudonym stands for: equal values of two kinds get unlike ones. */
export type PseudonymKind = 'patient' | 'plan' | 'machine'

/** Gives a value the same name each time, from which nobody without the key finds the value. */
export type Pseudonymise = (kind: PseudonymKind, value: string) => string

/** 80 bits: a million patients share a name with a chance of one in a trillion. */
const hexDigits = 20

/** Pseudonyms by a keyed hash (HMAC with SHA-256). */
export function pseudonymsOf(key: string | Uint8Array): Pseudonymise {
  return (kind, value) =>
    createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex').slice(0, hexDigits)
}
