import { useEffect } from 'preact/hooks'
import { setParameters, useAddress } from '../address.js'
import type { Dataset, SearchAnswer, SpaceAnswer } from '../api.js'
import { Empty, Shown } from '../parts/state.js'
import { LookControls } from '../slice/look-controls.js'
import { lookOf } from '../slice/look.js'
import { useAnswer } from '../use-answer.js'
import { ComparePanel } from './compare-panel.js'
import { QueryPicker } from './query-picker.js'
import { Results } from './results.js'
import { SearchControls } from './search-controls.js'
import { useSearch } from './use-search.js'

/** A query, its neighbours, and the comparison with one of them. */
export function SearchPage() {
  const { parameters } = useAddress()
  const spaces = useAnswer<{ spaces: SpaceAnswer[] }>('/spaces')
  const datasets = useAnswer<{ datasets: Dataset[] }>('/datasets')
  const searchable = spaces.value?.spaces.filter(({ indexes }) => indexes.length > 0) ?? []
  const space = searchable.find(({ name }) => name === parameters.get('space')) ?? searchable[0]
  const answer = useSearch(parameters, space?.name ?? null)
  const look = lookOf(parameters)
  const picked = Number(parameters.get('pick'))
  const rows = [...(answer.value?.hashed.rows ?? []), ...(answer.value?.exact?.rows ?? [])]
  const found = rows.find(({ item }) => item === picked)
  useTitle(answer.value)
  if (spaces.problem || (spaces.value && !space))
    return (
      <Shown answer={spaces} what="the spaces">
        {() => (
          <Empty title="Nothing to search yet">
            Load plans, encode and index them: “pg-lsh demo” does all of it, or see the README.
          </Empty>
        )}
      </Shown>
    )
  return (
    <div class={found ? 'search with-panel' : 'search'}>
      <aside class="controls" aria-label="Controls">
        {space && (
          <>
            <QueryPicker space={space} look={look} query={answer.value?.query ?? null} />
            <SearchControls
              spaces={searchable}
              space={space}
              datasets={datasets.value?.datasets ?? []}
              parameters={parameters}
            />
            {(space.holds === 'slice' || space.holds === 'plan') && <LookControls look={look} />}
          </>
        )}
      </aside>
      <section class="results" aria-label="Results">
        <h1 class="unseen">Search</h1>
        <Shown answer={answer} what="the neighbours">
          {(value) => (
            <Results
              answer={value}
              look={look}
              show={parameters.get('show') ?? 'hashed'}
              picked={picked}
            />
          )}
        </Shown>
      </section>
      {found && answer.value && (
        <ComparePanel
          key={found.item}
          found={found}
          answer={answer.value}
          look={look}
          onClose={() => setParameters({ pick: null })}
        />
      )}
    </div>
  )
}

function useTitle(answer: SearchAnswer | null): void {
  useEffect(() => {
    const item = answer?.query.item
    document.title = item ? `Like item ${item.item} · pg-lsh explorer` : 'pg-lsh explorer'
  }, [answer])
}
