import { contours } from 'd3-contour'
import { structureStyles } from '../../src/report/drawing/structure-style.js'
import type { Outline } from '../api.js'
import type { SliceData } from './load-slice.js'
import { lineOf, type Look } from './look.js'
import { aroundBody, wholeSlice, type Viewport } from './viewport.js'

/** Share of the full dose below which no colour is drawn, because scattered dose would tint the whole body. */
const LEAST = 0.1
const COVER = 0.45
/** Extreme colours of a difference, on white. */
const MORE = [178, 24, 43] as const
const LESS = [33, 102, 172] as const

/** Draws a slice with its overlays; the canvas gets the proportions of the slice. */
export function drawSlice(
  canvas: HTMLCanvasElement,
  slice: SliceData,
  outlines: readonly Outline[],
  look: Look,
): void {
  const view = look.fit ? aroundBody(slice) : wholeSlice(slice)
  const context = fit(canvas, slice, view)
  if (!context) return
  const { rows, columns } = slice
  const pixels = new ImageData(columns, rows)
  const black = look.level - look.width / 2
  const full = fullDose(slice)
  for (let i = 0; i < rows * columns; i++) {
    const share = ((slice.ct[i] as number) - black) / look.width
    const grey = 255 * Math.min(1, Math.max(0, share))
    paint(pixels.data, i, grey, grey, grey)
    if (!look.wash || slice.dose === null) continue
    const dose = (slice.dose[i] as number) / full
    if (dose < LEAST) continue
    const [red, green, blue] = doseColour(dose)
    const mix = (under: number, over: number) => (1 - COVER) * under + COVER * over
    paint(pixels.data, i, mix(grey, red), mix(grey, green), mix(grey, blue))
  }
  put(context, pixels, view)
  if (look.outlines) drawOutlines(context, outlines, view)
  if (look.isodoses) drawIsodoses(context, slice, view, look)
}

/**
 * Draws the difference of two slices, aligned at the centres of their bodies: red where the other is higher, blue where
 * it is lower.
 */
export function drawDifference(
  canvas: HTMLCanvasElement,
  own: SliceData,
  other: SliceData,
  { of, span, whole }: { of: 'ct' | 'dose'; span: number; whole: boolean },
): void {
  const view = whole ? wholeSlice(own) : aroundBody(own)
  const [middle, theirMiddle] = [middleOf(aroundBody(own)), middleOf(aroundBody(other))]
  const context = fit(canvas, own, view)
  if (!context) return
  const pixels = new ImageData(own.columns, own.rows)
  const [mine, theirs] = of === 'ct' ? [own.ct, other.ct] : [own.dose, other.dose]
  for (let row = 0; row < own.rows; row++)
    for (let column = 0; column < own.columns; column++) {
      const i = row * own.columns + column
      // The same position relative to the centre, in mm, because pixel sizes may differ.
      const y = Math.round(theirMiddle.y + ((row - middle.y) * own.pixelMm[0]) / other.pixelMm[0])
      const x = Math.round(
        theirMiddle.x + ((column - middle.x) * own.pixelMm[1]) / other.pixelMm[1],
      )
      const inside = y >= 0 && x >= 0 && y < other.rows && x < other.columns
      const there = inside ? (theirs?.[y * other.columns + x] ?? 0) : of === 'ct' ? -1000 : 0
      const share = Math.max(-1, Math.min(1, (there - (mine?.[i] ?? 0)) / span))
      const [red, green, blue] = share > 0 ? MORE : LESS
      const towards = (end: number) => 255 + Math.abs(share) * (end - 255)
      paint(pixels.data, i, towards(red), towards(green), towards(blue))
    }
  put(context, pixels, view, '#fff')
}

function middleOf({ left, top, width, height }: Viewport): { x: number; y: number } {
  return { x: left + width / 2, y: top + height / 2 }
}

function fullDose({ prescriptionGy, dose }: SliceData): number {
  return prescriptionGy ?? Math.max(1, dose?.reduce((most, gy) => Math.max(most, gy), 0) ?? 1)
}

/** Sets the canvas to its displayed size, in pixels of the screen. */
function fit(canvas: HTMLCanvasElement, { pixelMm }: SliceData, view: Viewport) {
  const scale = Math.min(2, devicePixelRatio)
  const width = Math.max(64, Math.round(canvas.clientWidth * scale))
  const height = Math.round((width * view.height * pixelMm[0]) / (view.width * pixelMm[1]))
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  canvas.style.aspectRatio = `${width} / ${height}`
  return canvas.getContext('2d')
}

let scratch: HTMLCanvasElement | null = null

/** Draws the visible part of the pixels on the whole canvas. */
function put(
  context: CanvasRenderingContext2D,
  pixels: ImageData,
  view: Viewport,
  around = '#000',
): void {
  scratch ??= document.createElement('canvas')
  scratch.width = pixels.width
  scratch.height = pixels.height
  scratch.getContext('2d')?.putImageData(pixels, 0, 0)
  context.imageSmoothingQuality = 'high'
  const { width, height } = context.canvas
  const [across, down] = [width / view.width, height / view.height]
  context.fillStyle = around
  context.fillRect(0, 0, width, height)
  context.drawImage(
    scratch,
    -view.left * across,
    -view.top * down,
    pixels.width * across,
    pixels.height * down,
  )
}

function paint(data: Uint8ClampedArray, i: number, red: number, green: number, blue: number): void {
  data[4 * i] = red
  data[4 * i + 1] = green
  data[4 * i + 2] = blue
  data[4 * i + 3] = 255
}

/** Isodose lines, cached per slice and set of doses. */
const lines = new WeakMap<SliceData, { key: string; paths: Map<number, Path2D> }>()

function drawIsodoses(
  context: CanvasRenderingContext2D,
  slice: SliceData,
  view: Viewport,
  look: Look,
): void {
  if (slice.dose === null || (look.unit === 'percent' && slice.prescriptionGy === null)) return
  const doses = look.levels.map((value) =>
    look.unit === 'gy' ? value : (value / 100) * (slice.prescriptionGy ?? 0),
  )
  const key = doses.join()
  let kept = lines.get(slice)
  if (kept?.key !== key) {
    kept = { key, paths: pathsOf(slice, doses) }
    lines.set(slice, kept)
  }
  const unit = Math.max(1, context.canvas.width / 260)
  for (const [place, value] of look.levels.entries()) {
    const path = kept.paths.get(doses[place] as number)
    if (path) stroke(context, view, path, { ...lineOf(value, look), unit })
  }
}

function pathsOf({ dose, rows, columns }: SliceData, doses: readonly number[]) {
  const contour = contours().size([columns, rows])
  const values = Array.from(dose ?? [])
  return new Map(
    doses.map((gy): [number, Path2D] => {
      const path = new Path2D()
      for (const polygon of contour.contour(values, gy).coordinates)
        for (const ring of polygon) trace(path, ring.flat())
      return [gy, path]
    }),
  )
}

function drawOutlines(
  context: CanvasRenderingContext2D,
  outlines: readonly Outline[],
  view: Viewport,
): void {
  const styles = structureStyles([outlines.map(({ name, role }) => ({ name, role, meanGy: null }))])
  const unit = Math.max(1, context.canvas.width / 260)
  for (const { name, rings } of outlines) {
    const style = styles.find((one) => one.name === name)
    if (!style) continue
    const path = new Path2D()
    for (const ring of rings) trace(path, ring)
    const line = { color: style.onPicture, dashes: [] as number[], width: 1.2, unit }
    stroke(context, view, path, line)
    const [x = 0, y = 0] = rings[0] ?? []
    label(context, view, { text: style.letter, x, y, color: style.onPicture })
  }
}

/** Adds a closed line of alternating x and y. */
function trace(path: Path2D, ring: readonly number[]): void {
  for (let i = 0; i < ring.length; i += 2)
    if (i === 0) path.moveTo(ring[0] as number, ring[1] as number)
    else path.lineTo(ring[i] as number, ring[i + 1] as number)
  path.closePath()
}

interface Line {
  readonly color: string
  readonly dashes: readonly number[]
  readonly width: number
  readonly unit: number
}

/** Draws a line on a dark casing, which keeps it legible on bone. */
function stroke(
  context: CanvasRenderingContext2D,
  view: Viewport,
  path: Path2D,
  { color, dashes, width, unit }: Line,
): void {
  const placed = new Path2D()
  const { width: wide, height: high } = context.canvas
  const [across, down] = [wide / view.width, high / view.height]
  placed.addPath(path, new DOMMatrix([across, 0, 0, down, -view.left * across, -view.top * down]))
  context.setLineDash([])
  context.strokeStyle = 'rgb(0 0 0 / 50%)'
  context.lineWidth = (width + 0.8) * unit
  context.stroke(placed)
  context.setLineDash(dashes.map((dash) => dash * unit))
  context.strokeStyle = color
  context.lineWidth = width * unit
  context.stroke(placed)
  context.setLineDash([])
}

function label(
  context: CanvasRenderingContext2D,
  view: Viewport,
  { text, x, y, color }: { text: string; x: number; y: number; color: string },
): void {
  const { width, height } = context.canvas
  const size = Math.max(11, width / 24)
  context.font = `700 ${size}px sans-serif`
  context.lineWidth = size / 5
  context.strokeStyle = '#000'
  context.fillStyle = color
  const place = [
    ((x - view.left) / view.width) * width,
    ((y - view.top) / view.height) * height,
  ] as const
  context.strokeText(text, ...place)
  context.fillText(text, ...place)
}

/** From blue over green and yellow to red at the full dose and above. */
export function doseColour(share: number): readonly [number, number, number] {
  const hue = 240 * (1 - Math.min(1, Math.max(0, share)))
  const ramp = (shift: number) => {
    const place = (hue / 60 + shift) % 6
    return 255 * Math.min(1, Math.max(0, Math.abs(place - 3) - 1))
  }
  return [ramp(0), ramp(4), ramp(2)]
}
