const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x5b
const CLOSE = 0x5d

/**
 * The lists of numbers in a JSON file, one after another: a file of hundreds of megabytes is more than
 * JSON.parse should be given. Lists that hold strings come out empty.
 */
export async function* jsonVectors(chunks: AsyncIterable<Buffer>): AsyncGenerator<number[]> {
  let inString = false
  let escaped = false
  let listed = false
  let numeric = true
  let held: Buffer[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (inString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) {
        inString = true
        numeric = false
      } else if (byte === OPEN) {
        listed = true
        numeric = true
        start = i + 1
        held = []
      } else if (byte === CLOSE && listed) {
        const text = Buffer.concat([...held, chunk.subarray(start, i)])
        yield numeric ? numbers(text.toString('latin1')) : []
        listed = false
        held = []
      }
    }
    if (listed && numeric) held.push(chunk.subarray(start))
  }
}

function numbers(text: string): number[] {
  return text.split(',').map(Number)
}
