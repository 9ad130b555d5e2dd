/** The sender. All messages but the first one of a client begin with a byte for their type. */
export type Side = 'client' | 'server'

/** Returns a function that finds where messages of PostgreSQL's protocol end in successive pieces from one side. */
export function messageEnds(side: Side): (piece: Buffer) => number[] {
  let typed = side === 'server'
  /** Bytes that remain of the current message; `begun` is the incomplete header of the next one. */
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
