import { Writable } from 'node:stream'
import type { TextStream } from '../../src/cli/output.js'

/** A stream that keeps what is written to it; `text()` returns it. */
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
