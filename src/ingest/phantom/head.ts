import { headRadii } from './body.js'
import { along, type Canvas, paint, paintArc, paintPair } from './canvas.js'

const bone = 1050
const air = -1000

/** Skull, brain, eyes, and the air-filled cavities of the face. */
export function paintHead(canvas: Canvas): void {
  const { level } = canvas
  if (level < 135) paintSkull(canvas)
  if (level > 78 && level < 160) paintFace(canvas)
  if (level > 108 && level < 160) paintSkullBase(canvas)
  if (level > 92 && level < 136)
    paint(
      canvas,
      {
        x: 0,
        y: along([92, 6, 136, 24], level),
        rx: along([92, 11, 110, 15, 124, 12, 136, 8], level),
        ry: along([92, 10, 110, 13, 136, 8], level),
      },
      33,
      'Brainstem',
    )
}

function paintSkull(canvas: Canvas): void {
  const { level } = canvas
  const [rx, ry] = headRadii(level)
  const scalp = 5 + Math.max(0, (30 - level) / 6)
  // Below the orbits only the back of the skull is a vault.
  const front = along([88, -200, 100, -62, 120, -20, 146, 10], level)
  const wall = 7
  canvas.each({ x: 0, y: 0, rx: rx - scalp, ry: ry - scalp, power: 2.2 }, (pixel, r, _x, y) => {
    if (y < front) return
    const depth = (1 - r) * Math.min(rx, ry)
    canvas.hu[pixel] = depth < wall ? (depth > 2 && depth < 5 ? 750 : bone) : brainHu(canvas, pixel)
  })
  if (level > 14 && level < 90) paint(canvas, { x: 0, y: 0, rx: 1.6, ry: ry - 16 }, 48)
  if (level > 46 && level < 84) {
    const open = along([46, 4, 60, 9, 84, 4], level)
    paintPair(canvas, { x: open + 2, y: -14, rx: open * 0.7, ry: 20, angle: -0.25 }, 6)
    paintPair(canvas, { x: open + 8, y: 22, rx: open * 0.6, ry: 14, angle: 0.4 }, 6)
  }
  if (level > 96 && level < 142)
    paint(
      canvas,
      {
        x: 0,
        y: 48,
        rx: along([96, 30, 118, 46, 142, 30], level),
        ry: 24,
      },
      38,
    )
}

/** Grey and white matter differ by a few units. */
function brainHu(canvas: Canvas, pixel: number): number {
  const row = pixel >> 7
  const column = pixel & 127
  const [a = 0, b = 0] = canvas.patient.phases
  const fold =
    Math.sin(row / 2.1 + a + Math.sin(column / 3)) + Math.sin(column / 1.9 + b + canvas.level / 9)
  return fold > 0.4 ? 41 : 30
}

function paintFace(canvas: Canvas): void {
  const { level } = canvas
  if (level > 78 && level < 100) paintPair(canvas, { x: 13, y: -84, rx: 11, ry: 5 }, air)
  if (level > 92 && level < 122) {
    paintPair(canvas, { x: 33, y: -64, rx: 21, ry: 24, angle: 0.25 }, bone)
    paintPair(canvas, { x: 33, y: -68, rx: 18, ry: 24, angle: 0.25 }, -80)
    const eye = 13 * Math.sqrt(Math.max(0, 1 - ((level - 107) / 13) ** 2))
    paintPair(canvas, { x: 34, y: -76, rx: eye, ry: eye }, 18)
    paintPair(canvas, { x: 24, y: -50, rx: 3, ry: 14, angle: 0.35 }, 45)
  }
  if (level > 98 && level < 124)
    for (const y of [-72, -60, -48]) paintPair(canvas, { x: 7, y, rx: 5.5, ry: 5.5 }, air)
  if (level > 110 && level < 150)
    paintPair(canvas, { x: 62, y: -42, rx: 5, ry: 24, angle: -0.35 }, 800)
  if (level > 118 && level < 152) {
    const size = along([118, 12, 130, 19, 152, 11], level)
    paintPair(canvas, { x: 32, y: -54, rx: size + 3.5, ry: size + 6 }, 650)
    paintPair(canvas, { x: 32, y: -54, rx: size, ry: size + 2.5 }, air)
  }
  if (level > 118 && level < 156) {
    paint(canvas, { x: 0, y: -56, rx: 13, ry: 38, power: 2.5 }, 45)
    paintPair(canvas, { x: 5.5, y: -58, rx: 3.6, ry: 34 }, air)
    paintPair(canvas, { x: 11, y: -50, rx: 2.4, ry: 15 }, 40)
    paint(canvas, { x: 0, y: -58, rx: 1.7, ry: 32 }, 280)
  }
  if (level > 152 && level < 158) paint(canvas, { x: 0, y: -58, rx: 30, ry: 34, power: 2.3 }, 620)
}

function paintSkullBase(canvas: Canvas): void {
  const { level } = canvas
  if (level < 128) {
    paintPair(canvas, { x: 42, y: 8, rx: 26, ry: 11, angle: -0.45 }, 950)
    paintPair(canvas, { x: 62, y: 16, rx: 11, ry: 14 }, 700)
    for (const [x, y] of [
      [60, 12],
      [66, 18],
      [58, 22],
    ] as const)
      paintPair(canvas, { x, y, rx: 3.4, ry: 3.4 }, -500)
    paintPair(canvas, { x: 70, y: 4, rx: 9, ry: 2.6 }, air)
  }
  if (level < 126) {
    paint(canvas, { x: 0, y: -16, rx: 20, ry: 15 }, 700)
    paintPair(canvas, { x: 8, y: -20, rx: 7.5, ry: 9 }, level < 120 ? air : 400)
  }
  if (level >= 122 && level < 134) paint(canvas, { x: 0, y: -2, rx: 12, ry: 13 }, 650)
  if (level >= 124 && level < 140)
    paintPair(canvas, { x: 18, y: 26, rx: 9, ry: 12, angle: 0.3 }, 800)
  if (level > 126 && level < 152)
    paintPair(canvas, { x: 19, y: -26, rx: 2.2, ry: 13, angle: 0.3 }, 750)
  if (level > 124 && level < 138)
    paintArc(canvas, { x: 0, y: 44, rx: 56, ry: 36 }, 800, { width: 6 })
}
