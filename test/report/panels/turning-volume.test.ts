import { createContext, runInContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { renderPage } from '../../../src/report/pages/page.js'
import {
  renderTurningVolumes,
  TURNING_VOLUME_STYLE,
  type TurningVolumes,
} from '../../../src/report/panels/turning-volume.js'
import { TURNING_VOLUME_SCRIPT } from '../../../src/report/panels/turning-volume-script.js'
import { pageDocument, pageEvent } from '../page-document.js'

const [columns, rows, slices] = [12, 10, 14] as const

/** A ball of 70 Gy in a shell of 40 Gy around one point, in voxels. */
function ball([x, y, z]: readonly [number, number, number]): Float32Array {
  return Float32Array.from({ length: columns * rows * slices }, (_, i) => {
    const place = [i % columns, Math.floor(i / columns) % rows, Math.floor(i / (columns * rows))]
    const far = Math.hypot(place[0]! - x, place[1]! - y, place[2]! - z)
    return far < 1.5 ? 70 : far < 2.6 ? 40 : 0
  })
}

function figure(change: Partial<TurningVolumes> = {}): TurningVolumes {
  return {
    title: 'Dose & more of "a plan"',
    caption: 'Ten slices.',
    columns,
    rows,
    slices,
    voxelMm: [5, 5, 3],
    low: 0,
    high: 80,
    volumes: [
      { label: 'input', values: ball([3, 3, 3]) },
      { label: 'output', values: ball([8, 6, 9]) },
    ],
    surfaces: [
      { value: 35, label: '35 Gy (50 %)', colour: '#0000ff', opacity: 0.4 },
      { value: 66.5, label: '66.5 Gy (95 %)', colour: '#ff0000', opacity: 1 },
    ],
    ...change,
  }
}

interface Painted {
  readonly side: number
  pixels: Uint8ClampedArray
  readonly texts: { text: string; x: number; y: number }[]
}

/** Runs the script like a browser, with canvases that record what is painted and a clock that the test advances. */
function open(shown: TurningVolumes) {
  const document = pageDocument(
    renderPage('t', renderTurningVolumes(shown, 1), TURNING_VOLUME_STYLE),
  )
  const waiting: (() => void)[] = []
  const canvases = [...document.querySelectorAll('canvas')].map((canvas) => {
    const painted: Painted = { side: 60, pixels: new Uint8ClampedArray(), texts: [] }
    const context = {
      createImageData: (width: number) => ({ data: new Uint8ClampedArray(4 * width * width) }),
      putImageData: ({ data }: { data: Uint8ClampedArray }) => {
        painted.pixels = data
        painted.texts.length = 0
      },
      fillText: (text: string, x: number, y: number) => painted.texts.push({ text, x, y }),
      drawImage: () => undefined,
      strokeText: () => undefined,
      fillRect: () => undefined,
    }
    Object.assign(canvas, { getContext: () => context, setPointerCapture: () => undefined })
    Object.defineProperty(canvas, 'width', { value: painted.side })
    Object.defineProperty(canvas, 'clientWidth', { value: painted.side })
    return { canvas, painted }
  })
  const later = (work: () => void) => waiting.push(work)
  runInContext(
    TURNING_VOLUME_SCRIPT,
    createContext({
      document,
      atob,
      performance,
      requestAnimationFrame: later,
      setTimeout: later,
      clearTimeout: () => undefined,
    }),
  )
  const settle = () => {
    while (waiting.length > 0) waiting.shift()?.()
  }
  const send = (type: string, properties: object) => {
    canvases[0]?.canvas.dispatchEvent(pageEvent(type, properties))
    settle()
  }
  const told = () => document.querySelector('output')?.textContent ?? ''
  return { painted: canvases.map(({ painted }) => painted), send, told }
}

/** Mean position of the coloured pixels, and their number. */
function centreOf({ pixels, side }: Painted, channel: 0 | 2) {
  let [count, x, y] = [0, 0, 0]
  for (let i = 0; i < side * side; i++) {
    if ((pixels[4 * i + channel] as number) < 40) continue
    count++
    x += i % side
    y += Math.floor(i / side)
  }
  return { count, x: x / count, y: y / count }
}

describe('renderTurningVolumes', () => {
  const { markup } = renderTurningVolumes(figure(), 2)

  it('names volumes, surfaces and sides, and says how to turn it', () => {
    for (const text of ['input', 'output', '35 Gy (50 %), transparent', '66.5 Gy (95 %), opaque'])
      expect(markup).toContain(text)
    for (const text of ['arrow keys', 'Figure 2.', 'right and left', '5 × 5 × 3 mm', 'JavaScript'])
      expect(markup).toContain(text)
    expect(markup).toContain('Dose &amp; more of &quot;a plan&quot;')
  })

  it('contains each volume in 8 bits, clipped at both ends', () => {
    const values = Float32Array.from({ length: columns * rows * slices }, (_, i) => 20 * i - 20)
    const document = pageDocument(
      renderTurningVolumes(figure({ volumes: [{ label: 'one', values }] }), 1).markup,
    )
    const bytes = Buffer.from(document.querySelector('canvas')?.dataset.values ?? '', 'base64')
    expect([...bytes.subarray(0, 7)]).toEqual([0, 0, 64, 128, 191, 255, 255])
    expect(bytes.length).toBe(values.length)
  })

  it('refuses a volume whose size does not match its dimensions', () => {
    const volumes = [{ label: 'short', values: new Float32Array(5) }]
    expect(() => renderTurningVolumes(figure({ volumes }), 1)).toThrow(
      expect.objectContaining({ code: 'bad_input', message: expect.stringContaining('short') }),
    )
  })
})

describe('the script of the figure', () => {
  let view: ReturnType<typeof open>
  beforeEach(() => {
    view = open(figure())
  })
  const level = { key: 'ArrowUp', preventDefault: () => undefined }

  it('draws the inner surface within the outer one on black', () => {
    for (const painted of view.painted) {
      const [solid, all] = [centreOf(painted, 0), centreOf(painted, 2)]
      expect(solid.count).toBeGreaterThan(20)
      expect(all.count).toBeGreaterThan(solid.count)
      expect(Math.hypot(solid.x - all.x, solid.y - all.y)).toBeLessThan(2)
      expect([...painted.pixels.subarray(0, 4)]).toEqual([0, 0, 0, 255])
    }
  })

  it('draws both at the same scale: head up, left of the patient on the right, seen from the front', () => {
    for (let i = 0; i < 3; i++) view.send('keydown', level)
    for (let i = 0; i < 6; i++) view.send('keydown', { ...level, key: 'ArrowLeft' })
    expect(view.told()).toBe('Turned by 0°, tilted by 0°.')
    const [input, output] = view.painted.map((painted) => centreOf(painted, 2))
    // Five voxels of 5 mm to the left of the patient, and six of 3 mm towards the feet.
    expect((output!.x - input!.x) / (output!.y - input!.y)).toBeCloseTo(25 / 18, 0)
    const letters = new Map(view.painted[0]?.texts.map(({ text, x, y }) => [text, { x, y }]))
    expect(letters.get('R')!.x).toBeLessThan(letters.get('L')!.x)
    expect(letters.get('H')!.y).toBeLessThan(letters.get('F')!.y)
    expect(letters.has('A')).toBe(false)
  })

  it('turns both when one is dragged, front side with the pointer, until it is released', () => {
    const before = view.painted.map((painted) => centreOf(painted, 0))
    view.send('pointermove', { clientX: 50, clientY: 0 })
    expect(view.painted.map((painted) => centreOf(painted, 0))).toEqual(before)
    view.send('pointerdown', { clientX: 10, clientY: 10, pointerId: 1 })
    view.send('pointermove', { clientX: 20, clientY: 10 })
    expect(view.told()).toBe('Turned by −60°, tilted by 15°.')
    const after = view.painted.map((painted) => centreOf(painted, 0))
    for (const [i, one] of after.entries()) expect(one).not.toEqual(before[i])
    // The input lies in front of the centre, the output behind it.
    expect(after[0]!.x - after[1]!.x).toBeGreaterThan(before[0]!.x - before[1]!.x)
    view.send('pointerup', {})
    view.send('pointermove', { clientX: 40, clientY: 10 })
    expect(view.painted.map((painted) => centreOf(painted, 0))).toEqual(after)
  })

  it('resets with Home, and never tilts beyond 90°', () => {
    const before = view.painted.map(({ pixels }) => [...pixels])
    for (let i = 0; i < 40; i++) view.send('keydown', { ...level, key: 'ArrowDown' })
    expect(view.told()).toBe('Turned by −30°, tilted by 90°.')
    view.send('keydown', { ...level, key: 'Home' })
    expect(view.painted.map(({ pixels }) => [...pixels])).toEqual(before)
  })
})
