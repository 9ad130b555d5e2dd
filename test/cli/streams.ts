import { Writable } from 'node:stream'
import type { TextStream } from '../../src/cli/output.js'

/** A stream that remembers what was written, as `text()`. */
export type MemoryStream = TextStream & { text(): string }

export function memoryStream(isTTY = false): MemoryStream {
  const written: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString())
      done()
    },
  })
  return Object.assign(stream, { isTTY, text: () => written.join('') })
}
