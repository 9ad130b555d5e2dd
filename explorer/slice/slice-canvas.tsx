import { useEffect, useRef, useState } from 'preact/hooks'
import { setParameters } from '../address.js'
import { problemIn, type ItemAnswer, type Outline, type Problem } from '../api.js'
import { drawSlice } from './draw-slice.js'
import { loadOutlines, loadSlice, type SliceData } from './load-slice.js'
import type { Look } from './look.js'

export interface SliceCanvasProps {
  item: number
  /** Facts from another answer. (Default: requested from the server) */
  known?: ItemAnswer
  look: Look
  /** Text alternative of the picture. */
  label: string
  /** Whether dragging changes window and level. (Default: false) */
  drags?: boolean
  /** Called when the wheel moves to the next or previous slice. (Default: the wheel scrolls the page) */
  onStep?: (by: number) => void
  /** Called with the values that are drawn. (Default: none) */
  onLoad?: (slice: SliceData) => void
}

/** A stored slice, drawn with the look of the page. */
export function SliceCanvas({
  item,
  known,
  look,
  label,
  drags = false,
  onStep,
  onLoad,
}: SliceCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [slice, setSlice] = useState<SliceData | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [outlines, setOutlines] = useState<readonly Outline[]>([])
  const size = useSize(canvas)
  useEffect(() => {
    let wanted = true
    setOutlines([])
    if (!look.outlines) return undefined
    loadOutlines(item).then(
      (loaded) => {
        if (wanted) setOutlines(loaded)
      },
      (error: unknown) => {
        if (wanted) setProblem(problemIn(error))
      },
    )
    return () => {
      wanted = false
    }
  }, [item, look.outlines])
  useEffect(() => {
    let wanted = true
    loadSlice(item, known).then(
      (loaded) => {
        if (!wanted) return
        setSlice(loaded)
        setProblem(null)
        onLoad?.(loaded)
      },
      (error: unknown) => {
        if (wanted) setProblem(problemIn(error))
      },
    )
    return () => {
      wanted = false
    }
  }, [item])
  useEffect(() => {
    if (canvas.current && slice) drawSlice(canvas.current, slice, outlines, look)
  }, [slice, outlines, look, size])
  useWindowing(canvas, look, drags)
  useWheel(canvas, onStep)
  if (problem) return <div class="picture problem">{problem.detail}</div>
  return (
    <canvas
      ref={canvas}
      class={drags ? 'picture drags' : 'picture'}
      role="img"
      aria-label={label}
      data-item={slice?.item.item === item ? item : undefined}
    />
  )
}

/** The width of an element, updated when it changes. */
function useSize(element: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element.current) return undefined
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.round(entry?.contentRect.width ?? 0)),
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  return width
}

/**
 * Changes the window width by dragging left and right, the level by dragging up and down, as on a diagnostic
 * workstation.
 */
function useWindowing(
  canvas: { current: HTMLCanvasElement | null },
  look: Look,
  drags: boolean,
): void {
  const now = useRef(look)
  now.current = look
  useEffect(() => {
    const target = canvas.current
    if (!target || !drags) return undefined
    let from: { x: number; y: number; look: Look } | null = null
    const press = (event: PointerEvent) => {
      if (event.button !== 0) return
      target.setPointerCapture(event.pointerId)
      from = { x: event.clientX, y: event.clientY, look: now.current }
    }
    const move = (event: PointerEvent) => {
      if (from === null) return
      const width = Math.round(from.look.width + 3 * (event.clientX - from.x))
      const level = Math.round(from.look.level - 2 * (event.clientY - from.y))
      setParameters({
        width: Math.min(4000, Math.max(10, width)),
        level: Math.min(3000, Math.max(-1200, level)),
      })
    }
    const lift = () => {
      from = null
    }
    target.addEventListener('pointerdown', press)
    target.addEventListener('pointermove', move)
    target.addEventListener('pointerup', lift)
    target.addEventListener('pointercancel', lift)
    return () => {
      target.removeEventListener('pointerdown', press)
      target.removeEventListener('pointermove', move)
      target.removeEventListener('pointerup', lift)
      target.removeEventListener('pointercancel', lift)
    }
  }, [drags])
}

function useWheel(
  canvas: { current: HTMLCanvasElement | null },
  onStep: ((by: number) => void) | undefined,
): void {
  const step = useRef(onStep)
  step.current = onStep
  const listens = onStep !== undefined
  useEffect(() => {
    const target = canvas.current
    if (!target || !listens) return undefined
    const turn = (event: WheelEvent) => {
      event.preventDefault()
      step.current?.(Math.sign(event.deltaY))
    }
    target.addEventListener('wheel', turn, { passive: false })
    return () => target.removeEventListener('wheel', turn)
  }, [listens])
}
