import { along, type Canvas, type Ellipse } from './canvas.js'
import { targetGy } from '../volume/structures.js'
import { side } from '../volume/volume.js'

type Place = Pick<Canvas, 'level' | 'patient'>

/** Prescribed dose in Gy at each pixel of a slice, 0 outside the targets; where targets overlap, the highest dose. */
export function paintTargets(canvas: Canvas): Uint8Array {
  const wanted = new Uint8Array(side * side)
  const allowed = targetPixels(canvas)
  const shapes: Record<string, Ellipse[]> = {
    PTV56: nodalChains(canvas),
    PTV63: [...tumourShape(canvas, 9), ...nodeShape(canvas, 8)],
    PTV70: [
      ...tumourShape(canvas, 0),
      ...(canvas.patient.tumour.nodes ? nodeShape(canvas, 0) : []),
    ],
  }
  for (const target of ['PTV56', 'PTV63', 'PTV70']) {
    if (!canvas.patient.targets.includes(target)) continue
    for (const shape of shapes[target] ?? [])
      canvas.each(shape, (pixel) => {
        if (allowed[pixel] === 1) wanted[pixel] = targetGy[target] as number
      })
  }
  return wanted
}

/** Section of the primary tumour, expanded by a margin in mm. */
function tumourShape({ level, patient }: Place, margin: number): Ellipse[] {
  const { tumour } = patient
  const [rx, ry, rz] = tumour.radii
  return section(
    { x: tumour.x * tumour.side, y: tumour.y, rx: rx + margin, ry: ry + margin },
    level,
    tumour.level,
    rz + margin,
  )
}

/** Section of the enlarged lymph nodes on the side of the tumour. */
function nodeShape({ level, patient }: Place, margin: number): Ellipse[] {
  const shape = { x: 36 * patient.tumour.side, y: 8, rx: 12 + margin, ry: 15 + margin }
  return section(shape, level, 192, 24 + 3 * margin)
}

function section(shape: Ellipse, level: number, middle: number, half: number): Ellipse[] {
  const part = 1 - ((level - middle) / half) ** 2
  if (part <= 0) return []
  return [{ ...shape, rx: shape.rx * Math.sqrt(part), ry: shape.ry * Math.sqrt(part) }]
}

/** The lymph drainage of both sides, down to the collar bone; it extends higher on the side of the tumour. */
function nodalChains({ level, patient }: Place): Ellipse[] {
  const chain = (x: number, from: number, to: number): Ellipse[] => {
    const taper = Math.min(1, (level - from) / 14, (to - level) / 14)
    if (taper <= 0) return []
    const y = along([140, 8, 200, 4, 250, 8, 290, 12], level)
    const wide = along([140, 10, 185, 15, 240, 14, 275, 19], level)
    return [{ x, y, rx: wide * Math.sqrt(taper), ry: (wide + 4) * Math.sqrt(taper) }]
  }
  const x = along([140, 30, 190, 36, 240, 30, 275, 38], level)
  const { side: own, level: tumour } = patient.tumour
  const top = tumour < 160 ? 142 : 156
  return [
    ...chain(x * own, top, 276),
    ...chain(-x * own, top + 14, 268),
    ...tumourShape({ level, patient }, 12),
  ]
}

/**
 * Pixels where a target may be: away from the skin, where the dose of a beam has not built up, and from cord and
 * brainstem.
 */
function targetPixels({ body, organs }: Canvas): Uint8Array {
  const spared = ['SpinalCord', 'Brainstem'].flatMap((organ) => organs.get(organ) ?? [])
  const allowed = new Uint8Array(side * side)
  const margin = 2
  for (let p = margin * (side + 1); p < allowed.length - margin * (side + 1); p++) {
    let free = body[p] === 1
    for (let i = -margin; i <= margin && free; i++)
      for (let j = -margin; j <= margin && free; j++) {
        const q = p + i * side + j
        const beside = Math.abs(i) + Math.abs(j) < 2
        free = !(beside && body[q] === 0) && spared.every((mask) => mask[q] === 0)
      }
    allowed[p] = free ? 1 : 0
  }
  return allowed
}
