import { SIMD } from './simd-bytes.js'

/** A part of Node.js's global `WebAssembly`, which only `lib.dom.d.ts` types in full. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** Exports of `simd.wat`, which documents the arguments of each function; addresses and lengths are in bytes. */
export interface Simd {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  multiply(x: number, rows: number, w: number, count: number, size: number, out: number): void
  distances(x: number, w: number, width: number, size: number, out: number): void
  rotate(x: number, out: number, length: number, window: number, signs: number): void
  pack(x: number, bytes: number, code: number): number
}

const PAGE = 2 ** 16
const module = new WebAssembly.Module(Buffer.from(SIMD, 'base64'))

/** Creates an instance with a memory of its own, which is freed with it. */
export function openSimd(): Simd {
  return new WebAssembly.Instance(module).exports as Simd
}

/** Its memory as numbers, grown to hold at least `numbers` of them. Earlier views of the memory become invalid. */
export function reserve({ memory }: Simd, numbers: number): Float32Array {
  const missing = 4 * numbers - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
  return new Float32Array(memory.buffer)
}

/** Copies concatenated vectors to an offset in a memory, each padded with zeros to a multiple of four numbers. */
export function putVectors(
  numbers: Float32Array,
  at: number,
  vectors: Float32Array,
  dims: number,
): void {
  const size = fours(dims)
  if (dims === size) {
    numbers.set(vectors, at)
    return
  }
  numbers.fill(0, at, at + (vectors.length / dims) * size)
  for (let from = 0; from < vectors.length; from += dims, at += size)
    numbers.set(vectors.subarray(from, from + dims), at)
}

/** The next multiple of four. */
export function fours(count: number): number {
  return Math.ceil(count / 4) * 4
}
