import { useEffect, useRef, useState } from 'preact/hooks'
import { drawDifference } from './draw-slice.js'
import { loadSlice, type SliceData } from './load-slice.js'

/** The difference of two slices; white where they are equal. */
export function DifferenceCanvas({
  own,
  other,
  of,
  whole,
}: {
  own: number
  other: number
  of: 'ct' | 'dose'
  whole: boolean
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [slices, setSlices] = useState<readonly [SliceData, SliceData] | null>(null)
  useEffect(() => {
    let wanted = true
    // Errors are shown where the slices themselves are drawn.
    Promise.all([loadSlice(own), loadSlice(other)]).then(
      (loaded) => {
        if (wanted) setSlices(loaded)
      },
      () => {
        if (wanted) setSlices(null)
      },
    )
    return () => {
      wanted = false
    }
  }, [own, other])
  useEffect(() => {
    if (canvas.current && slices)
      drawDifference(canvas.current, ...slices, { of, whole, span: of === 'ct' ? 400 : 30 })
  }, [slices, of, whole])
  return (
    <canvas
      ref={canvas}
      class="picture"
      role="img"
      aria-label={`Difference of ${of === 'ct' ? 'CT' : 'dose'}`}
    />
  )
}
