import { useState } from 'preact/hooks'
import { addressOf } from '../address.js'
import { API, type Found, type PlanDetail, type SearchAnswer } from '../api.js'
import { Tabs } from '../parts/fields.js'
import { Link } from '../parts/link.js'
import { DifferenceCanvas } from '../slice/difference-canvas.js'
import type { Look } from '../slice/look.js'
import { SliceCanvas } from '../slice/slice-canvas.js'
import { useAnswer } from '../use-answer.js'
import { BitStrip } from './bit-strip.js'

interface ComparePanelProps {
  found: Found
  answer: SearchAnswer
  look: Look
  onClose: () => void
}

/**
 * A neighbour and the query: pictures with synchronised controls, their difference, and the differing bits of their
 * codes.
 */
export function ComparePanel({ found, answer, look, onClose }: ComparePanelProps) {
  const own = answer.query.item
  const planId = own?.planId ?? null
  const slices = own?.kind === 'slice' && found.kind === 'slice'
  return (
    <aside class="panel" aria-label="Query and neighbour">
      <div class="row">
        <h2>Query and neighbour</h2>
        <button type="button" class="quiet" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      {slices ? (
        <InStep own={own} found={found} look={look} />
      ) : (
        <SideBySide found={found} answer={answer} look={look} />
      )}
      <dl class="facts">
        <dt>Distance</dt>
        <dd>{found.distance.toFixed(4)}</dd>
        {found.hamming !== null && (
          <>
            <dt>Differing bits</dt>
            <dd>
              {found.hamming} of {answer.bits}
            </dd>
          </>
        )}
        <dt>Item</dt>
        <dd>{found.item}</dd>
        <dt>{found.planId === null ? 'Source' : 'Patient'}</dt>
        <dd>{found.source}</dd>
        {found.label !== null && (
          <>
            <dt>Label</dt>
            <dd>{found.label}</dd>
          </>
        )}
        {found.prescriptionGy !== null && (
          <>
            <dt>Prescription</dt>
            <dd>{found.prescriptionGy} Gy</dd>
          </>
        )}
      </dl>
      {answer.query.code !== null && found.code !== null && (
        <BitStrip own={answer.query.code} other={found.code} bits={answer.bits} />
      )}
      <p class="actions">
        <Link class="go" to={addressOf('/', { space: answer.space, item: found.item })}>
          Search with this
        </Link>
        {found.planId !== null && (
          <Link class="go" to={addressOf('/plan', { id: found.planId })}>
            Open its plan
          </Link>
        )}
        {found.planId !== null && planId !== null && (
          <Link class="go" to={addressOf('/plan', { id: planId, other: found.planId })}>
            Compare the plans
          </Link>
        )}
      </p>
    </aside>
  )
}

/** Both plans with one slider, aligned at the matching slices. */
function InStep({
  own,
  found,
  look,
}: {
  own: { item: number; planId: number | null }
  found: Found
  look: Look
}) {
  const [step, setStep] = useState(0)
  const [of, setOf] = useState<'ct' | 'dose'>('ct')
  const mine = useAnswer<PlanDetail>(own.planId === null ? null : `/plans/${own.planId}`)
  const theirs = useAnswer<PlanDetail>(found.planId === null ? null : `/plans/${found.planId}`)
  const at = (plan: PlanDetail | null, item: number) =>
    plan?.items.findIndex((one) => one.item === item) ?? -1
  const [left, right] = [at(mine.value, own.item), at(theirs.value, found.item)]
  const known = left >= 0 && right >= 0
  const least = known ? -Math.min(left, right) : 0
  const most = known
    ? Math.min(
        (mine.value?.items.length ?? 1) - 1 - left,
        (theirs.value?.items.length ?? 1) - 1 - right,
      )
    : 0
  const move = (to: number) => setStep(Math.min(most, Math.max(least, to)))
  const items = [
    mine.value?.items[left + step]?.item ?? own.item,
    theirs.value?.items[right + step]?.item ?? found.item,
  ] as const
  const onStep = (by: number) => move(step + by)
  return (
    <>
      <div class="pair">
        <figure>
          <SliceCanvas
            item={items[0]}
            look={look}
            drags
            onStep={onStep}
            label="Slice of the query"
          />
          <figcaption>Query</figcaption>
        </figure>
        <figure>
          <SliceCanvas
            item={items[1]}
            look={look}
            drags
            onStep={onStep}
            label="Slice of the neighbour"
          />
          <figcaption>Neighbour</figcaption>
        </figure>
        <figure>
          <DifferenceCanvas own={items[0]} other={items[1]} of={of} whole={!look.fit} />
          <figcaption>Difference</figcaption>
        </figure>
        <div>
          <Tabs
            label="Difference of"
            value={of}
            options={[
              ['ct', 'CT'],
              ['dose', 'Dose'],
            ]}
            onChange={(value) => setOf(value === 'dose' ? 'dose' : 'ct')}
          />
          <p class="soft">
            Red: more in the neighbour, blue: less; full at {of === 'ct' ? '400 HU' : '30 Gy'}. The
            slices are aligned at the centres of the bodies.
          </p>
        </div>
      </div>
      <div class="field number">
        <label for="step">In step {step > 0 ? `+${step}` : step}</label>
        <input
          id="step"
          type="range"
          min={least}
          max={most}
          value={step}
          onInput={(event) => move(Number(event.currentTarget.value))}
        />
        <output>{step === 0 ? 'as found' : 'slices on'}</output>
      </div>
    </>
  )
}

function SideBySide({ found, answer, look }: Omit<ComparePanelProps, 'onClose'>) {
  const { upload, item } = answer.query
  const { level, width } = look
  return (
    <div class="pair">
      <figure>
        <img
          class="picture"
          alt="The query"
          src={
            upload === null
              ? `${API}/items/${item?.item ?? 0}/picture`
              : `${API}${addressOf(`/uploads/${upload}/picture`, { level, width })}`
          }
        />
        <figcaption>Query</figcaption>
      </figure>
      <figure>
        {found.kind === 'slice' ? (
          <SliceCanvas item={found.item} look={look} drags label="Slice of the neighbour" />
        ) : (
          <img class="picture" alt="The neighbour" src={`${API}/items/${found.item}/picture`} />
        )}
        <figcaption>Neighbour</figcaption>
      </figure>
    </div>
  )
}
