import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { MapAnswer } from '../api.js'
import type { Colour } from './colouring.js'
import { drawMap, nearestPoint, startView, type View } from './draw-map.js'

interface MapCanvasProps {
  map: MapAnswer
  colours: readonly Colour[]
  item: number | null
  links: readonly { item: number }[]
  onChoose: (item: number) => void
}

/** The points of a map, with zoom, panning and selection. */
export function MapCanvas({ map, colours, item, links, onChoose }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [view, setView] = useState<View | null>(null)
  const [hover, setHover] = useState<number | null>(null)
  const pressed = useRef<{ x: number; y: number; view: View; moved: boolean } | null>(null)
  const places = useMemo(() => new Map(map.items.map((one, i) => [one, i])), [map])
  const start = useMemo(() => startView(map, size), [map, size])
  const shown = view ?? start
  useEffect(() => setView(null), [map])
  useEffect(() => {
    if (!canvas.current) return undefined
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry?.contentRect ?? size
      setSize({ width: Math.round(width), height: Math.round(height) })
    })
    observer.observe(canvas.current)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (!canvas.current || size.width === 0) return
    const chosen = item === null ? undefined : places.get(item)
    const linked = links.flatMap((link) => places.get(link.item) ?? [])
    drawMap(canvas.current, { map, colours, view: shown, size, chosen, linked, hover })
  }, [map, colours, shown, size, item, links, hover])

  const zoom = (factor: number, x = size.width / 2, y = size.height / 2) =>
    setView({
      scale: shown.scale * factor,
      left: x - factor * (x - shown.left),
      top: y - factor * (y - shown.top),
    })
  useEffect(() => {
    const target = canvas.current
    if (!target) return undefined
    const turn = (event: WheelEvent) => {
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY)
    }
    target.addEventListener('wheel', turn, { passive: false })
    return () => target.removeEventListener('wheel', turn)
  })
  const move = (event: PointerEvent) => {
    const from = pressed.current
    if (from === null) {
      setHover(nearestPoint(map, shown, event.offsetX, event.offsetY))
      return
    }
    const [x, y] = [event.offsetX - from.x, event.offsetY - from.y]
    if (Math.hypot(x, y) > 3) from.moved = true
    if (from.moved) setView({ ...from.view, left: from.view.left + x, top: from.view.top + y })
  }
  const lift = (event: PointerEvent) => {
    const from = pressed.current
    pressed.current = null
    if (from === null || from.moved) return
    const place = nearestPoint(map, shown, event.offsetX, event.offsetY)
    if (place !== null) onChoose(map.items[place] as number)
  }
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[
      event.key
    ]
    if (by) setView({ ...shown, left: shown.left + (by[0] ?? 0), top: shown.top + (by[1] ?? 0) })
    else if (event.key === '+') zoom(1.3)
    else if (event.key === '-') zoom(1 / 1.3)
    else if (event.key === '0') setView(null)
    else return
    event.preventDefault()
  }
  const point = hover === null ? undefined : map.items[hover]
  return (
    <div class="map">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${map.items.length} items: plus and minus zoom, arrow keys move, 0 shows all`}
        onKeyDown={key}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          pressed.current = { x: event.offsetX, y: event.offsetY, view: shown, moved: false }
        }}
        onPointerMove={move}
        onPointerUp={lift}
        onPointerLeave={() => setHover(null)}
      />
      <div class="row zoom">
        <button type="button" onClick={() => zoom(1.4)} aria-label="Closer">
          +
        </button>
        <button type="button" onClick={() => zoom(1 / 1.4)} aria-label="Farther">
          −
        </button>
        <button type="button" onClick={() => setView(null)}>
          All
        </button>
        <span class="soft">{point === undefined ? '' : describe(map, hover ?? 0)}</span>
      </div>
    </div>
  )
}

function describe(map: MapAnswer, place: number): string {
  const [level = null, dose = null] = [map.level[place], map.dose[place]]
  return [
    `item ${map.items[place] ?? ''}`,
    ...(level === null ? [] : [`${level.toFixed(0)} mm`]),
    ...(dose === null ? [] : [`mean ${dose.toFixed(1)} Gy`]),
    map.groups[map.group[place] ?? 0] ?? '',
  ].join(' · ')
}
