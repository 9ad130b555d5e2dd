import { along, type Canvas, type Ellipse, paint } from './canvas.js'

/** Outlines whose union is the surface of the patient in one slice. */
export function outlines(canvas: Canvas): Ellipse[] {
  const { level, patient } = canvas
  const shapes: Ellipse[] = []
  if (level < 152) {
    const [rx, ry] = headRadii(level)
    shapes.push({ x: 0, y: 0, rx, ry, power: 2.2 })
  }
  if (level > 104 && level < 214)
    shapes.push({
      x: 0,
      y: along([104, -34, 150, -38, 190, -42, 214, -46], level),
      rx: along([104, 60, 125, 68, 150, 66, 175, 60, 195, 48, 208, 30, 214, 10], level),
      ry: along([104, 58, 150, 56, 175, 50, 195, 38, 208, 22, 214, 8], level),
      power: 2.3,
    })
  if (level > 118 && level < 152)
    shapes.push({
      x: 0,
      y: -92,
      rx: along([118, 7, 146, 15], level),
      ry: along([118, 8, 146, 18, 152, 10], level),
    })
  if (level > 122)
    shapes.push({
      x: 0,
      y: along([122, 28, 160, 23, 185, 17, 215, 17, 250, 22], level),
      rx: patient.muscle * along([122, 56, 160, 60, 200, 60, 225, 63, 245, 78, 270, 120], level),
      ry: patient.muscle * along([122, 52, 160, 58, 220, 54, 250, 58, 300, 72], level),
    })
  if (level > 232)
    shapes.push({
      x: 0,
      y: 32,
      rx: patient.shoulder * along([232, 50, 245, 105, 258, 160, 275, 195, 300, 210], level),
      ry: along([232, 30, 245, 42, 262, 60, 285, 76, 300, 84], level),
      power: 2.5,
    })
  if (level > 104 && level < 140)
    for (const x of [-78, 78]) shapes.push({ x, y: 8, rx: 8, ry: 15, angle: -x / 260 })
  return shapes
}

/** Half axes of the skull with scalp. */
export function headRadii(level: number): [number, number] {
  return [
    along([0, 12, 4, 28, 12, 46, 30, 64, 60, 76, 90, 78, 120, 73, 140, 66, 152, 56], level),
    along([0, 16, 4, 36, 12, 58, 30, 80, 60, 95, 90, 97, 120, 93, 140, 82, 152, 60], level),
  ]
}

/** Skin, subcutaneous fat, and muscle as the background on which the organs are painted. */
export function paintBody(canvas: Canvas): void {
  const { level, patient, body, hu } = canvas
  const shapes = outlines(canvas)
  for (const shape of shapes) canvas.each(shape, (pixel) => (body[pixel] = 1))
  const fat = along([100, 3, 150, 5, 200, 5, 240, 6, 280, 9], level) * patient.fat
  const shrunk = (shape: Ellipse, mm: number) => ({
    ...shape,
    rx: shape.rx - mm,
    ry: shape.ry - mm,
  })
  for (const shape of shapes) paint(canvas, shape, 5)
  for (const shape of shapes) paint(canvas, shrunk(shape, 2.5), -100)
  const [a = 0, b = 0, c = 0] = patient.phases
  for (const shape of shapes)
    canvas.each(shrunk(shape, 3 + fat), (pixel, _r, x, y) => {
      // Fat runs between the muscles in thin, winding sheets.
      const sheet =
        Math.sin(x / 8 + 2 * Math.sin(y / 17 + a)) +
        Math.sin(y / 7 + 2 * Math.sin(x / 19 + b)) +
        Math.sin((x + y) / 13 + level / 21 + c)
      hu[pixel] = sheet > 1.55 - 0.25 * patient.fat ? -75 : 55
    })
}
