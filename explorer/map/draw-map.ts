import type { MapAnswer } from '../api.js'
import { colourOf } from '../parts/colour-of.js'
import type { Colour } from './colouring.js'

/** From the plane to the screen: `x * scale + left`, `top - y * scale`. */
export interface View {
  readonly scale: number
  readonly left: number
  readonly top: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

interface Drawing {
  map: MapAnswer
  colours: readonly Colour[]
  view: View
  size: Size
  chosen: number | undefined
  linked: readonly number[]
  hover: number | null
}

/** A view of all points, centred. */
export function startView(map: MapAnswer, { width, height }: Size): View {
  const range = (values: readonly number[]): readonly [number, number] => {
    let [least, most] = [Infinity, -Infinity]
    for (const value of values) {
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    return [least, most]
  }
  const [left, right] = range(map.x)
  const [low, high] = range(map.y)
  const scale = 0.92 * Math.min(width / (right - left || 1), height / (high - low || 1))
  return {
    scale,
    left: width / 2 - (scale * (left + right)) / 2,
    top: height / 2 + (scale * (low + high)) / 2,
  }
}

/** Draws pixel by pixel: a hundred thousand points take some milliseconds; as shapes they would take a second. */
export function drawMap(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const { map, colours, view, size, chosen, linked, hover } = drawing
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  if (!context || size.width === 0 || size.height === 0) return
  const pixels = new ImageData(size.width, size.height)
  const words = new Uint32Array(pixels.data.buffer)
  const half = map.items.length > 20_000 ? 1 : map.items.length > 3000 ? 2 : 3
  for (let i = 0; i < map.items.length; i++) {
    const [x, y] = onScreen(map, view, i)
    if (x < -half || y < -half || x > size.width + half || y > size.height + half) continue
    const [red, green, blue] = colours[i] as Colour
    const word = (255 << 24) | (blue << 16) | (green << 8) | red
    const [column, row] = [Math.round(x), Math.round(y)]
    for (let down = -half; down <= half; down++)
      for (let across = -half; across <= half; across++) {
        // Leaves out the corners, so that points are round.
        if (half > 1 && across * across + down * down > half * half + 1) continue
        const [px, py] = [column + across, row + down]
        if (px >= 0 && py >= 0 && px < size.width && py < size.height)
          words[py * size.width + px] = word
      }
  }
  context.putImageData(pixels, 0, 0)
  const ink = colourOf(document.body, '--ink')
  if (chosen !== undefined) {
    const [x, y] = onScreen(map, view, chosen)
    context.lineWidth = 1.5
    context.strokeStyle = ink
    for (const place of linked) {
      const [toX, toY] = onScreen(map, view, place)
      context.beginPath()
      context.moveTo(x, y)
      context.lineTo(toX, toY)
      context.stroke()
      ring(context, [toX, toY], 5, ink)
    }
    ring(context, [x, y], 8, colourOf(document.body, '--miss'))
  }
  if (hover !== null) ring(context, onScreen(map, view, hover), 6, ink)
}

/** The point under the pointer; null if there is none nearby. */
export function nearestPoint(map: MapAnswer, view: View, x: number, y: number): number | null {
  let best: number | null = null
  let least = 12 ** 2
  for (let i = 0; i < map.items.length; i++) {
    const [px, py] = onScreen(map, view, i)
    const distance = (px - x) ** 2 + (py - y) ** 2
    if (distance >= least) continue
    least = distance
    best = i
  }
  return best
}

function onScreen(map: MapAnswer, { scale, left, top }: View, i: number): [number, number] {
  return [(map.x[i] as number) * scale + left, top - (map.y[i] as number) * scale]
}

function ring(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  radius: number,
  colour: string,
): void {
  context.strokeStyle = colour
  context.lineWidth = 2
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
}
