import { useRef } from 'preact/hooks'
import { setParameters } from '../address.js'
import { API, type Found, type SearchAnswer } from '../api.js'
import { CopyText } from '../parts/copy-text.js'
import { Tabs } from '../parts/fields.js'
import { Empty } from '../parts/state.js'
import { IsodoseLegend } from '../slice/look-controls.js'
import type { Look } from '../slice/look.js'
import { SliceCanvas } from '../slice/slice-canvas.js'

interface ResultsProps {
  answer: SearchAnswer
  look: Look
  show: string
  picked: number
}

/** Results of the hash index and of the exact search, as pictures. */
export function Results({ answer, look, show, picked }: ResultsProps) {
  const { hashed, exact, agreement, bits } = answer
  const missed = new Set(agreement?.missed)
  const truth = new Set(exact?.rows.map(({ item }) => item))
  const both = show === 'both'
  const grid = (rows: readonly Found[], label: string, marks: (row: Found) => string | null) => (
    <Grid {...{ rows, label, look, picked, bits, marks }} />
  )
  return (
    <>
      <div class="row summary">
        <Tabs
          label="Which neighbours"
          value={show}
          options={[
            ['hashed', 'By hash index'],
            ['exact', 'Exact'],
            ['both', 'Both'],
          ]}
          onChange={(value) => setParameters({ show: value })}
        />
        <p role="status">
          <b>{hashed.rows.length}</b> neighbours in <b>{hashed.milliseconds.toFixed(0)} ms</b>
          {exact === null && ' · exact …'}
          {exact && agreement && (
            <>
              {' · '}exact {exact.milliseconds.toFixed(0)} ms{' · '}recall{' '}
              <b data-recall={agreement.recall}>{agreement.recall.toFixed(2)}</b>
              {missed.size > 0 && ` · ${missed.size} missed`}
            </>
          )}
        </p>
      </div>
      {look.isodoses && answer.holds === 'slice' && <IsodoseLegend look={look} />}
      {hashed.rows.length === 0 && (
        <Empty title="Nothing was found">
          No stored item passes the filter: remove a part of it.
        </Empty>
      )}
      {show !== 'exact' && (
        <>
          {both && <h2>By hash index</h2>}
          {grid(hashed.rows, 'Neighbours by hash index', ({ item }) =>
            both && !truth.has(item) ? 'not nearest' : null,
          )}
        </>
      )}
      {show !== 'hashed' && (
        <>
          {both && <h2>Exact</h2>}
          {grid(exact?.rows ?? [], 'Exact neighbours', ({ item }) =>
            missed.has(item) ? 'missed' : null,
          )}
        </>
      )}
      <CopyText sql={answer.sql} typescript={answer.typescript} />
    </>
  )
}

/** A grid of pictures; arrow keys move between them. */
function Grid({
  rows,
  label,
  look,
  picked,
  bits,
  marks,
}: {
  rows: readonly Found[]
  label: string
  look: Look
  picked: number
  bits: number
  marks: (row: Found) => string | null
}) {
  const list = useRef<HTMLOListElement>(null)
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    const tiles = [...(list.current?.querySelectorAll('button') ?? [])]
    const next = tiles[tiles.indexOf(document.activeElement as HTMLButtonElement) + by]
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  return (
    <ol class="grid" ref={list} aria-label={label} onKeyDown={move}>
      {rows.map((row, place) => {
        const mark = marks(row)
        return (
          <li key={row.item}>
            <button
              type="button"
              class={mark ? 'tile miss' : 'tile'}
              aria-pressed={row.item === picked}
              onClick={() => setParameters({ pick: row.item === picked ? null : row.item })}
            >
              <Picture row={row} look={look} />
              <span class="caption">
                <span class="rank">
                  {place + 1}
                  {mark && <em>{mark}</em>}
                </span>
                <span class="measure">
                  <b>{row.distance.toFixed(3)}</b>
                  {row.hamming !== null && ` · ${row.hamming} of ${bits} bits`}
                </span>
                <span class="name">{row.source ?? row.key}</span>
                <span class="soft">
                  {row.positionMm === null
                    ? (row.label ?? row.key)
                    : `${row.positionMm.toFixed(0)} mm`}
                  {row.doseMaxGy !== null && ` · max ${row.doseMaxGy.toFixed(1)} Gy`}
                </span>
              </span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}

function Picture({ row, look }: { row: Found; look: Look }) {
  const text = `${row.source ?? row.key}${row.positionMm === null ? '' : `, ${row.positionMm} mm`}`
  if (row.kind === 'slice')
    return <SliceCanvas item={row.item} known={row} look={look} label={text} />
  return <img class="picture" src={`${API}/items/${row.item}/picture`} alt={text} loading="lazy" />
}
