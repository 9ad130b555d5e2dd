import { along, type Canvas, paint, paintArc, paintPair } from './canvas.js'

const air = -1000

/** Mouth, jaw, glands, spine, airway, vessels of the neck. */
export function paintNeck(canvas: Canvas): void {
  const { level } = canvas
  if (level > 132) paintSpine(canvas)
  if (level > 128 && level < 182) paintParotids(canvas)
  if (level > 150 && level < 208) paintMouth(canvas)
  if (level > 132 && level < 206) paintMandible(canvas)
  if (level > 138) paintVessels(canvas)
  if (level > 138) paintAirway(canvas)
}

function paintSpine(canvas: Canvas): void {
  const { level } = canvas
  const y = spineY(level)
  const disc = level % 19 < 5 && level > 158
  paintPair(canvas, { x: 22, y: y + 34, rx: 21, ry: 19, angle: 0.3 }, 60)
  paintPair(canvas, { x: 11, y: y - 12, rx: 10, ry: 5 }, 58)
  paintArc(canvas, { x: 0, y: y + 18, rx: 20, ry: 14 }, disc ? 55 : 620, { width: 5 })
  if (!disc) {
    paintPair(canvas, { x: 21, y: y + 8, rx: 9, ry: 5, angle: 0.4 }, 550)
    paint(canvas, { x: 0, y: y + 38, rx: 3.2, ry: 13 }, level % 19 < 12 ? 520 : 60)
  }
  const grow = along([132, 0.85, 300, 1.3], level)
  if (disc) paint(canvas, { x: 0, y, rx: 12 * grow, ry: 9.5 * grow }, 95)
  else {
    paint(canvas, { x: 0, y, rx: 13 * grow, ry: 10.5 * grow, power: 2.4 }, 700)
    paint(canvas, { x: 0, y, rx: 9.5 * grow, ry: 7 * grow }, 300)
  }
  paint(canvas, { x: 0, y: y + 18, rx: 12, ry: 9 }, 12)
  paint(canvas, { x: 0, y: y + 18, rx: 6.8, ry: 5 }, 38, 'SpinalCord')
}

/** Position of the front of the spine, which curves forward in the neck. */
function spineY(level: number): number {
  return along([132, 8, 165, 10, 210, 14, 250, 22, 300, 34], level)
}

function paintParotids(canvas: Canvas): void {
  const { level, patient } = canvas
  const size = Math.sqrt(Math.max(0, 1 - ((level - 155) / 29) ** 2))
  const hu = 10 - 14 * patient.fat
  paintPair(canvas, { x: 53, y: -8, rx: 12 * size, ry: 19 * size, angle: 0.2 }, hu, 'Parotid')
  paintPair(canvas, { x: 47, y: 4, rx: 3, ry: 4 }, patient.contrast ? 150 : 50)
}

function paintMouth(canvas: Canvas): void {
  const { level, patient } = canvas
  const wide = along([150, 30, 175, 31, 208, 18], level)
  paint(canvas, { x: 0, y: -44, rx: wide, ry: 36, power: 2.2 }, 40)
  if (level < 196) {
    paint(canvas, { x: 0, y: -40, rx: wide - 5, ry: 26 }, 62)
    paint(canvas, { x: 0, y: -40, rx: 2, ry: 22 }, 5)
  }
  if (level < 168)
    paintArc(canvas, { x: 0, y: -42, rx: wide - 3, ry: 30 }, air, { width: 4.5, behind: -30 })
  const teeth = (level > 156 && level < 167) || (level > 169 && level < 183)
  if (!teeth) return
  const rx = level < 168 ? 30 : 28
  paintArc(canvas, { x: 0, y: -50, rx: rx + 3, ry: 38, power: 2.3 }, 700, {
    width: 11,
    behind: -45,
  })
  canvas.each({ x: 0, y: -50, rx, ry: 35, power: 2.3 }, (pixel, r, x, y) => {
    if (r < 0.75 || y > -46) return
    const gap = Math.sin(Math.atan2(y + 50, x) * 17) > 0.75
    const metal = patient.fillings && Math.abs(x) > 21 && y > -62
    if (!gap) canvas.hu[pixel] = metal ? 3000 : 1900
  })
}

function paintMandible(canvas: Canvas): void {
  const { level } = canvas
  const organ = 'Mandible'
  if (level < 182) {
    const x = along([132, 54, 160, 50, 182, 44], level)
    const shape = {
      y: along([132, -8, 182, -22], level),
      rx: 4.6,
      ry: level < 140 ? 7 : 14,
      angle: -0.12,
    }
    for (const at of [x, -x])
      paint(canvas, { ...shape, x: at, angle: at < 0 ? 0.12 : -0.12 }, 1250, organ)
    paintPair(canvas, { x: x + 9, y: -30, rx: 6, ry: 18, angle: -0.15 }, 62)
    paintPair(canvas, { x: x - 12, y: -22, rx: 7, ry: 13, angle: 0.3 }, 60)
  }
  if (level > 170) {
    const part = along([170, 1, 190, 0.92, 206, 0.55], level)
    const shape = { x: 0, y: -36, rx: 46 * part, ry: 52 * part, power: 2.2 }
    const behind = along([170, -58, 182, -14, 195, -28, 206, -44], level)
    paintArc(canvas, shape, 1250, { width: 8.5, behind, organ })
    if (level > 176 && level < 200)
      paintArc(canvas, { ...shape, rx: shape.rx - 3.5, ry: shape.ry - 3.5 }, 420, {
        width: 3,
        behind,
        organ,
      })
  }
}

function paintVessels(canvas: Canvas): void {
  const { level, patient } = canvas
  const y = spineY(level) - 8
  const sternomastoidY = along([138, 30, 180, 12, 230, -8, 262, -16], level)
  const sternomastoidX = along([138, 58, 180, 50, 230, 36, 262, 20], level)
  if (level < 264)
    paintPair(canvas, { x: sternomastoidX, y: sternomastoidY, rx: 8, ry: 14, angle: 0.7 }, 64)
  const x = along([138, 27, 200, 30, 240, 24, 290, 22], level)
  paintPair(canvas, { x: x + 1, y, rx: 12, ry: 10 }, -85)
  paintPair(canvas, { x, y: y - 2, rx: 4.2, ry: 4.2 }, patient.contrast ? 210 : 48)
  paintPair(canvas, { x: x + 8, y: y + 2, rx: 5.5, ry: 5 }, patient.contrast ? 160 : 42)
  if (level > 182 && level < 204) paintPair(canvas, { x: 32, y: -28, rx: 10, ry: 13 }, 45)
}

function paintAirway(canvas: Canvas): void {
  const { level } = canvas
  if (level < 205) {
    const y = along([138, -20, 165, -8, 205, -10], level)
    paint(canvas, { x: 0, y: y + 1, rx: 17, ry: 9 }, 52)
    const open = along([138, 10, 156, 6, 172, 8, 190, 10, 205, 9], level)
    paint(canvas, { x: 0, y, rx: open, ry: open * 0.6 }, air)
    return
  }
  const front = along([205, -20, 230, -20, 300, 2], level)
  if (level < 242) {
    const width = along([205, 21, 222, 19, 242, 14], level)
    paint(canvas, { x: 0, y: front, rx: width, ry: width }, 50, 'Larynx')
    paintArc(canvas, { x: 0, y: front, rx: width, ry: width }, level % 12 < 8 ? 230 : 110, {
      width: 4.5,
      behind: front + 6,
    })
    const glottis = level > 219 && level < 227
    paint(canvas, { x: 0, y: front + 2, rx: glottis ? 3 : 7, ry: 10 }, air)
  } else {
    if (level < 270) paintPair(canvas, { x: 17, y: front + 4, rx: 8, ry: 13, angle: -0.3 }, 115)
    paint(canvas, { x: 0, y: front, rx: 11.5, ry: 11.5 }, 80)
    paint(canvas, { x: 0, y: front, rx: 8.5, ry: 8 }, air)
  }
  if (level > 238) paint(canvas, { x: 3, y: front + 16, rx: 8, ry: 5.5 }, 40, 'Esophagus')
}
