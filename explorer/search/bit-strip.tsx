import { useEffect, useRef } from 'preact/hooks'
import { colourOf } from '../parts/colour-of.js'

/**
 * Two codes bit by bit, one cell per bit: dark where both have a 1, light where both have a 0, red where they differ.
 */
export function BitStrip({ own, other, bits }: { own: string; other: string; bits: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const differ = differing(own, other, bits)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const [on, off, miss] = ['--ink', '--rule', '--miss'].map((name) =>
      colourOf(document.body, name),
    )
    const across = 64
    const cell = 10
    context.canvas.width = across * cell
    context.canvas.height = Math.ceil(bits / across) * cell
    for (let bit = 0; bit < bits; bit++) {
      const [mine, theirs] = [bitAt(own, bit), bitAt(other, bit)]
      context.fillStyle = (mine === theirs ? (mine === 1 ? on : off) : miss) ?? ''
      const [x, y] = [(bit % across) * cell, Math.floor(bit / across) * cell]
      // Differences also have another size.
      const size = mine === theirs ? cell - 4 : cell - 1
      const inset = (cell - size) / 2
      context.fillRect(x + inset, y + inset, size, size)
    }
  }, [own, other, bits])
  return (
    <figure class="bits">
      <canvas ref={canvas} role="img" aria-label={`${differ} of ${bits} bits differ`} />
      <figcaption>
        Codes bit by bit: large cells differ ({differ} of {bits}).
      </figcaption>
    </figure>
  )
}

function bitAt(code: string, bit: number): number {
  return (parseInt(code[bit >> 2] ?? '0', 16) >> (3 - (bit & 3))) & 1
}

function differing(own: string, other: string, bits: number): number {
  let sum = 0
  for (let bit = 0; bit < bits; bit++) sum += bitAt(own, bit) ^ bitAt(other, bit)
  return sum
}
