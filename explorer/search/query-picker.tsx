import { useEffect, useRef, useState } from 'preact/hooks'
import { addressOf, setParameters, useAddress } from '../address.js'
import {
  API,
  problemIn,
  sendFile,
  type ItemAnswer,
  type Plan,
  type PlanDetail,
  type Problem,
  type SearchAnswer,
  type SpaceAnswer,
} from '../api.js'
import { Choice, Fold, NumberField } from '../parts/fields.js'
import { Link } from '../parts/link.js'
import { ProblemBox } from '../parts/state.js'
import { SliceCanvas } from '../slice/slice-canvas.js'
import type { Look } from '../slice/look.js'
import { useAnswer } from '../use-answer.js'

interface QueryPickerProps {
  space: SpaceAnswer
  look: Look
  query: SearchAnswer['query'] | null
}

/** Choice of the query: a slice of a plan, an item by its number, or a file. */
export function QueryPicker({ space, look, query }: QueryPickerProps) {
  const { parameters } = useAddress()
  const item = Number(parameters.get('item')) || null
  const upload = parameters.get('upload')
  const pictures = space.holds === 'image' || space.holds === 'neuron'
  useFirstItem(space, item === null && upload === null)
  return (
    <Fold title="Query">
      {upload !== null && <UploadedQuery upload={upload} look={look} query={query} />}
      {upload === null && item !== null && pictures && (
        <img class="picture" src={`${API}/items/${item}/picture`} alt={`Item ${item}`} />
      )}
      {!pictures && <PlanPicker item={upload === null ? item : null} look={look} />}
      <NumberField
        label="Item"
        hint="Key of a stored item: cbir.item.id"
        value={item}
        usual={null}
        min={1}
        max={2147483647}
        slider={false}
        onChange={(value) => value !== null && setParameters({ item: value, upload: null })}
      />
      <FileField />
    </Fold>
  )
}

/** Default query: a slice from the middle of the first plan, or the first picture. */
function useFirstItem(space: SpaceAnswer, wanted: boolean): void {
  const kind = space.holds
  const first = useAnswer<{ items: ItemAnswer[] }>(
    wanted ? addressOf('/items', { kind, limit: 500 }) : null,
  )
  useEffect(() => {
    if (!wanted || first.value === null) return
    const plan = first.value.items[0]?.planId
    const own = first.value.items.filter(({ planId }) => planId === plan)
    const chosen = own[kind === 'slice' ? own.length >> 1 : 0]
    if (chosen) setParameters({ item: chosen.item })
  }, [first.value, wanted])
}

/** A plan, and one of its slices by slider, wheel or arrow keys. */
function PlanPicker({ item, look }: { item: number | null; look: Look }) {
  const plans = useAnswer<{ plans: Plan[] }>('/plans?limit=500')
  const own = useAnswer<ItemAnswer>(item === null ? null : `/items/${item}`)
  const planId = own.value?.planId ?? null
  const plan = useAnswer<PlanDetail>(planId === null ? null : `/plans/${planId}`)
  const items = plan.value !== null && plan.value.planId === planId ? plan.value.items : []
  const place = items.findIndex((one) => one.item === item)
  const goTo = (next: number) => {
    const chosen = items[Math.min(items.length - 1, Math.max(0, next))]
    if (chosen && chosen.item !== item) setParameters({ item: chosen.item })
  }
  const choosePlan = async (id: string) => {
    const response = await fetch(`${API}/plans/${id}`)
    if (!response.ok) return
    const { items: slices } = (await response.json()) as PlanDetail
    const middle = slices[slices.length >> 1]
    if (middle) setParameters({ item: middle.item, upload: null })
  }
  return (
    <>
      {item !== null && (
        <SliceCanvas
          item={item}
          look={look}
          drags
          label={`Query, ${own.value?.plan ?? ''} at ${own.value?.positionMm ?? 0} mm`}
          onStep={(by) => goTo(place + by)}
        />
      )}
      {own.problem && <ProblemBox problem={own.problem} />}
      {place >= 0 && (
        <div class="field scroll">
          <label for="slice">
            Slice {place + 1} of {items.length}, {items[place]?.positionMm.toFixed(0)} mm
          </label>
          <input
            id="slice"
            type="range"
            min={0}
            max={items.length - 1}
            value={place}
            onInput={(event) => goTo(Number(event.currentTarget.value))}
          />
        </div>
      )}
      <Choice
        label="Plan"
        value={planId === null ? '' : String(planId)}
        options={[
          ...(planId === null ? [['', 'choose one'] as const] : []),
          ...(plans.value?.plans ?? []).map((one) => [String(one.planId), one.plan] as const),
        ]}
        onChange={(id) => void choosePlan(id)}
      />
      {planId !== null && (
        <Link class="go" to={addressOf('/plan', { id: planId })}>
          Open this plan
        </Link>
      )}
    </>
  )
}

function UploadedQuery({
  upload,
  look,
  query,
}: {
  upload: string
  look: Look
  query: SearchAnswer['query'] | null
}) {
  const window = query?.window
  const { level, width } = look
  return (
    <figure class="upload">
      <img
        class="picture"
        src={`${API}${addressOf(`/uploads/${upload}/picture`, { level, width })}`}
        alt="The query file"
      />
      <figcaption>
        Your file. Only this server keeps it, until it stops.
        {window &&
          ` Its window is assumed to be ${window.low} HU black and ${window.high} HU white, ${
            window.from === 'file' ? 'as it says itself' : 'which was estimated'
          }.`}
      </figcaption>
    </figure>
  )
}

/** Upload of a file by choosing it, or by dropping it anywhere on the page. */
function FileField() {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [sending, setSending] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const send = async (file: File | undefined) => {
    if (!file) return
    setSending(true)
    setProblem(null)
    try {
      const { upload } = await sendFile(file)
      setParameters({ upload, item: null, pick: null })
    } catch (error) {
      setProblem(problemIn(error))
    } finally {
      setSending(false)
      if (input.current) input.current.value = ''
    }
  }
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault()
    const drop = (event: DragEvent) => {
      event.preventDefault()
      void send(event.dataTransfer?.files[0])
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [])
  return (
    <div class="field file">
      <label for="file">{sending ? 'Reading …' : 'Or a file: DICOM, PNG, SWC'}</label>
      <input
        ref={input}
        id="file"
        type="file"
        onChange={(event) => void send(event.currentTarget.files?.[0])}
      />
      {problem && <ProblemBox problem={problem} />}
    </div>
  )
}
