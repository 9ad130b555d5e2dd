import { along, type Canvas, paint, paintPair } from './canvas.js'

/** Tips of the lungs, collar bones, shoulder blades, upper arms, first ribs. */
export function paintShoulders(canvas: Canvas): void {
  const { level, patient } = canvas
  if (level < 244) return
  const wide = patient.shoulder
  paintPair(canvas, { x: 58, y: 62, rx: 42 * wide, ry: 14, angle: 0.12 }, 60)
  if (level > 262) {
    const size = along([262, 4, 280, 24, 300, 34], level)
    paintPair(canvas, { x: 48, y: 30, rx: size + 5, ry: size + 7 }, -60)
    paintPair(canvas, { x: 48, y: 30, rx: size + 3.5, ry: size + 5 }, level % 14 < 8 ? 420 : 55)
    paintPair(canvas, { x: 48, y: 30, rx: size, ry: size + 1.5 }, -820)
  }
  if (level > 256 && level < 290) {
    // The collar bone rises outwards, so that each slice cuts a short piece of it.
    const x = along([256, 125, 290, 30], level) * wide
    paintPair(
      canvas,
      {
        x,
        y: along([256, 12, 290, -22], level),
        rx: 24,
        ry: 5.5,
        angle: 0.3,
      },
      750,
    )
  }
  if (level > 254) {
    const head = along([254, 8, 266, 22, 285, 24, 300, 17], level)
    paintPair(canvas, { x: 168 * wide, y: 34, rx: head, ry: head }, 650)
    paintPair(canvas, { x: 168 * wide, y: 34, rx: head - 4.5, ry: head - 4.5 }, 240)
    paintPair(canvas, { x: 122 * wide, y: 56, rx: 27, ry: 4.5, angle: 0.5 }, 520)
    paintPair(canvas, { x: 140 * wide, y: 42, rx: 6, ry: 13 }, 480)
  }
  if (level > 258) paint(canvas, { x: 0, y: 86, rx: 3, ry: 9 }, 450)
}
