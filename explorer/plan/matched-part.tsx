import { useEffect, useRef, useState } from 'preact/hooks'
import { addressOf } from '../address.js'
import type { Matched } from '../api.js'
import { colourOf } from '../parts/colour-of.js'
import { Shown } from '../parts/state.js'
import { DifferenceCanvas } from '../slice/difference-canvas.js'
import type { Look } from '../slice/look.js'
import { SliceCanvas } from '../slice/slice-canvas.js'
import { useAnswer } from '../use-answer.js'

interface MatchedPartProps {
  id: number
  other: number
  otherName: string
  space: string
  weights: string
  look: Look
}

/** Each slice of a plan with the nearest slice of the other plan, and their distance along the body. */
export function MatchedPart({ id, other, otherName, space, weights, look }: MatchedPartProps) {
  const matched = useAnswer<Matched>(addressOf(`/plans/${id}/matched/${other}`, { space, weights }))
  return (
    <section aria-label="Slice by slice">
      <h2>Slice by slice, with {otherName}</h2>
      <Shown answer={matched} what="the matches">
        {({ pairs }) =>
          pairs.length === 0 ? (
            <p class="soft">None of its slices is encoded.</p>
          ) : (
            <Pairs key={`${id} ${other}`} pairs={pairs} look={look} />
          )
        }
      </Shown>
    </section>
  )
}

function Pairs({ pairs, look }: { pairs: Matched['pairs']; look: Look }) {
  const [place, setPlace] = useState(pairs.length >> 1)
  const now = Math.min(place, pairs.length - 1)
  const pair = pairs[now] as Matched['pairs'][number]
  const move = (to: number) => setPlace(Math.min(pairs.length - 1, Math.max(0, to)))
  const onStep = (by: number) => move(now + by)
  return (
    <>
      <DistanceLine pairs={pairs} place={now} onChoose={move} />
      <div class="field scroll">
        <label for="pair">
          Slice {now + 1} of {pairs.length}, {pair.positionMm.toFixed(0)} mm; nearest at{' '}
          {pair.otherPositionMm.toFixed(0)} mm, distance {pair.distance.toFixed(3)}
        </label>
        <input
          id="pair"
          type="range"
          min={0}
          max={pairs.length - 1}
          value={now}
          onInput={(event) => move(Number(event.currentTarget.value))}
        />
      </div>
      <div class="pair large">
        <figure>
          <SliceCanvas
            item={pair.item}
            look={look}
            drags
            onStep={onStep}
            label="Slice of this plan"
          />
          <figcaption>This plan</figcaption>
        </figure>
        <figure>
          <SliceCanvas
            item={pair.otherItem}
            look={look}
            drags
            onStep={onStep}
            label="Nearest slice of the other plan"
          />
          <figcaption>Nearest of the other</figcaption>
        </figure>
        <figure>
          <DifferenceCanvas own={pair.item} other={pair.otherItem} of="dose" whole={!look.fit} />
          <figcaption>Difference of dose, full colour at 30 Gy</figcaption>
        </figure>
      </div>
    </>
  )
}

const HEIGHT = 80

/** Distances along the plan as bars: high bars are slices without a similar slice in the other plan. */
function DistanceLine({
  pairs,
  place,
  onChoose,
}: {
  pairs: Matched['pairs']
  place: number
  onChoose: (place: number) => void
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const { clientWidth: width } = context.canvas
    context.canvas.width = width
    context.canvas.height = HEIGHT
    const [now, others] = [colourOf(document.body, '--miss'), colourOf(document.body, '--accent')]
    const most = Math.max(...pairs.map(({ distance }) => distance), 1e-9)
    const step = width / pairs.length
    for (const [i, { distance }] of pairs.entries()) {
      context.fillStyle = i === place ? now : others
      const height = Math.max(1, (distance / most) * (HEIGHT - 4))
      context.fillRect(i * step, HEIGHT - height, Math.max(1, step - 1), height)
    }
  }, [pairs, place])
  const choose = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    onChoose(Math.floor(((event.clientX - box.left) / box.width) * pairs.length))
  }
  return (
    <canvas
      ref={canvas}
      class="bars"
      role="img"
      aria-label="Distance of each slice from the nearest slice of the other plan; select a slice with the slider below"
      onClick={choose}
    />
  )
}
