/** A set of fingerprints with 16 bytes each, twice that while it grows. */
export interface Fingerprints {
  /** Adds a fingerprint; true if it was already in the set. */
  add(print: number): boolean
  count(): number
  clear(): void
}

const fewest = 1024

/** Open addressing in an array of numbers; a `Set` takes several times the memory. */
export function openFingerprints(): Fingerprints {
  let places = new Float64Array(fewest)
  let count = 0

  /** Finds a fingerprint, or inserts it in the first free slot. */
  function put(print: number): boolean {
    const mask = places.length - 1
    let at = (print >>> 0) & mask
    for (; places[at] !== 0; at = (at + 1) & mask) if (places[at] === print) return true
    places[at] = print
    return false
  }

  return {
    add(print) {
      if (put(print)) return true
      count++
      if (2 * count > places.length) {
        const old = places
        places = new Float64Array(2 * old.length)
        for (const one of old) if (one !== 0) put(one)
      }
      return false
    },
    count: () => count,
    clear() {
      places = new Float64Array(fewest)
      count = 0
    },
  }
}

/**
 * A number from 1 to below 2^53, on which different texts agree only by chance: two rounds of multiplication, mixed as
 * in MurmurHash3.
 */
export function fingerprint(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 0x9e3779b1)
    low = Math.imul(low ^ unit, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0) || 1
}
