import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A reproducible stream of random numbers; each draw changes it. */
export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  uniform(): number
  /** Uniform integer in [from, to], both included. */
  integer(from: number, to: number): number
  /** Standard normal, by Box and Muller. */
  normal(): number
}

/** The stream of random numbers for a seed (a 32 bit integer). */
export function random(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  const uniform = () => (generator.next() >>> 0) / 2 ** 32
  return {
    uniform,
    integer: (from, to) => uniformInt(generator, from, to),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  }
}

/** The numbers 0 … count - 1 in random order (Fisher and Yates). */
export function permutation(count: number, source: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = source.integer(0, i)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
