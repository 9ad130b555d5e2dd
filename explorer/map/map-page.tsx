import { useEffect } from 'preact/hooks'
import { addressOf, setParameters, useAddress } from '../address.js'
import {
  API,
  type ItemAnswer,
  type MapAnswer,
  type SearchAnswer,
  type SpaceAnswer,
} from '../api.js'
import { Choice } from '../parts/fields.js'
import { Link } from '../parts/link.js'
import { Empty, Shown } from '../parts/state.js'
import { USUAL_LOOK } from '../slice/look.js'
import { SliceCanvas } from '../slice/slice-canvas.js'
import { useAnswer } from '../use-answer.js'
import { colouring, COLOURINGS } from './colouring.js'
import { MapCanvas } from './map-canvas.js'
import { MapLegend } from './map-legend.js'

/** A map of the collection, on which similar items are close together. */
export function MapPage() {
  const { parameters } = useAddress()
  const spaces = useAnswer<{ spaces: SpaceAnswer[] }>('/spaces')
  const filled = (spaces.value?.spaces ?? []).filter(({ items }) => items > 2)
  const space = filled.find(({ name }) => name === parameters.get('space')) ?? filled[0]
  const map = useAnswer<MapAnswer>(space ? addressOf('/map', { space: space.name }) : null)
  const item = Number(parameters.get('item')) || null
  const near = useAnswer<SearchAnswer>(
    space && item !== null && space.indexes.length > 0
      ? addressOf('/search', { space: space.name, item, k: 10, exact: 'false' })
      : null,
  )
  const usual = space?.holds === 'image' || space?.holds === 'neuron' ? 'group' : 'level'
  const by = COLOURINGS.find(([name]) => name === parameters.get('by'))?.[0] ?? usual
  useEffect(() => {
    document.title = 'Map · pg-lsh explorer'
  }, [])
  if (spaces.value && !space)
    return (
      <Empty title="No space is filled">Encode some: “pg-lsh encode --space ct_shallow”.</Empty>
    )
  return (
    <div class={item === null ? 'search' : 'search with-panel'}>
      <aside class="controls" aria-label="Controls">
        <Choice
          label="Space"
          value={space?.name ?? ''}
          options={filled.map(({ name, items }) => [
            name,
            `${name} (${items.toLocaleString('en')})`,
          ])}
          onChange={(name) => setParameters({ space: name, item: null })}
        />
        <Choice
          label="Colour by"
          value={by}
          options={COLOURINGS}
          onChange={(name) => setParameters({ by: name })}
        />
        {map.value && <MapLegend map={map.value} by={by} />}
        {map.value && (
          <p class="soft">
            Principal axes of {map.value.sampled.toLocaleString('en')} vectors:{' '}
            {map.value.explained.map((share) => `${(100 * share).toFixed(0)} %`).join(' and ')} of
            the variance. {map.value.items.length.toLocaleString('en')} of{' '}
            {map.value.total.toLocaleString('en')} points. Wheel or + and − zoom, dragging or arrow
            keys move, a click selects.
          </p>
        )}
      </aside>
      <section class="results">
        <h1 class="unseen">Map</h1>
        <Shown answer={map} what="the map">
          {(value) => (
            <MapCanvas
              map={value}
              colours={colouring(value, by)}
              item={item}
              links={
                near.value !== null && near.value.query.item?.item === item
                  ? near.value.hashed.rows
                  : []
              }
              onChoose={(chosen) => setParameters({ item: chosen })}
            />
          )}
        </Shown>
      </section>
      {item !== null && <MapPanel item={item} space={space?.name ?? ''} near={near.value} />}
    </div>
  )
}

/** The selected item. */
function MapPanel({
  item,
  space,
  near,
}: {
  item: number
  space: string
  near: SearchAnswer | null
}) {
  const own = useAnswer<ItemAnswer>(`/items/${item}`)
  return (
    <aside class="panel" aria-label="Selected item">
      <div class="row">
        <h2>Item {item}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close"
          onClick={() => setParameters({ item: null })}
        >
          ✕
        </button>
      </div>
      <Shown answer={own} what="the item">
        {(value) => (
          <>
            {value.kind === 'slice' ? (
              <SliceCanvas item={item} look={USUAL_LOOK} label={`Item ${item}`} />
            ) : (
              <img class="picture" src={`${API}/items/${item}/picture`} alt={`Item ${item}`} />
            )}
            <dl class="facts">
              <dt>Patient</dt>
              <dd>{value.source}</dd>
              {value.positionMm !== null && (
                <>
                  <dt>Level</dt>
                  <dd>{value.positionMm.toFixed(0)} mm</dd>
                </>
              )}
              {value.doseMaxGy !== null && (
                <>
                  <dt>Highest dose</dt>
                  <dd>{value.doseMaxGy.toFixed(1)} Gy</dd>
                </>
              )}
            </dl>
            <p class="actions">
              <Link class="go" to={addressOf('/', { space, item })}>
                Search with this
              </Link>
              {value.planId !== null && (
                <Link class="go" to={addressOf('/plan', { id: value.planId })}>
                  Open its plan
                </Link>
              )}
            </p>
          </>
        )}
      </Shown>
      {near && (
        <>
          <h3>Its neighbours</h3>
          <ol class="names">
            {near.hashed.rows.map((row) => (
              <li key={row.item}>
                <button
                  type="button"
                  class="quiet"
                  onClick={() => setParameters({ item: row.item })}
                >
                  {row.source}
                  {row.positionMm !== null && `, ${row.positionMm.toFixed(0)} mm`}
                </button>{' '}
                <span class="soft">{row.distance.toFixed(3)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </aside>
  )
}
