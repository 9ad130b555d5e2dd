/** Who sends: all that a client sends but its first message begins with the type, as does all of a server. */
export type Side = 'client' | 'server'

/** Tells where the messages of PostgreSQL's protocol end in each next piece of what a side sends. */
export function messageEnds(side: Side): (piece: Buffer) => number[] {
  let typed = side === 'server'
  /** Bytes that are left of the message, or the begin of one that does not tell its length yet. */
  let left = 0
  let begun = Buffer.alloc(0)
  return (piece) => {
    const ends: number[] = []
    let at = 0
    while (at < piece.length) {
      if (left === 0) {
        const head = typed ? 5 : 4
        const taken = piece.subarray(at, at + head - begun.length)
        begun = Buffer.concat([begun, taken])
        at += taken.length
        if (begun.length < head) break
        left = begun.readInt32BE(head - 4) - 4
        begun = Buffer.alloc(0)
        typed = true
      }
      const taken = Math.min(left, piece.length - at)
      left -= taken
      at += taken
      if (left === 0) ends.push(at)
    }
    return ends
  }
}
