import { useEffect, useState } from 'preact/hooks'
import { addressOf, setParameters, useAddress } from '../address.js'
import {
  API,
  type Comparison,
  type Evaluation,
  type EvaluationDetail,
  type SpaceAnswer,
} from '../api.js'
import { Choice, NumberField } from '../parts/fields.js'
import { Empty, Shown } from '../parts/state.js'
import { useAnswer } from '../use-answer.js'

/** Recall of the index: measured now, and in the runs of "pg-lsh report". */
export function EvaluationPage() {
  const { parameters } = useAddress()
  const runs = useAnswer<{ evaluations: Evaluation[] }>('/evaluations')
  const spaces = useAnswer<{ spaces: SpaceAnswer[] }>('/spaces')
  const evaluations = runs.value?.evaluations ?? []
  const run = Number(parameters.get('run') ?? evaluations[0]?.id ?? 0) || null
  const measurable = (spaces.value?.spaces ?? []).filter(
    ({ holds, indexes }) => holds === 'slice' && indexes.length > 0,
  )
  useEffect(() => {
    document.title = 'Evaluation · pg-lsh explorer'
  }, [])
  return (
    <section class="results page">
      <h1>Evaluation</h1>
      {measurable.length > 0 && <MeasureNow spaces={measurable} />}
      <h2>Runs of “pg-lsh report”</h2>
      <Shown answer={runs} what="the runs">
        {() =>
          run === null ? (
            <Empty title="No evaluation is stored yet">
              Run “pg-lsh report” on this database: it measures all spaces and stores the results.
            </Empty>
          ) : (
            <>
              <Choice
                label="Run"
                value={String(run)}
                options={evaluations.map(({ id, dataset, created }) => [
                  String(id),
                  `${id}: ${dataset}, ${created.slice(0, 16).replace('T', ' ')}`,
                ])}
                onChange={(id) => setParameters({ run: id })}
              />
              <RunFigures run={run} />
              <iframe
                class="report"
                title={`Page of run ${run}`}
                src={`${API}/evaluations/${run}/page`}
                sandbox=""
              />
            </>
          )
        }
      </Shown>
    </section>
  )
}

/** Compares the search of some seeded queries with their exact neighbours. */
function MeasureNow({ spaces }: { spaces: readonly SpaceAnswer[] }) {
  const [space, setSpace] = useState(spaces[0]?.name ?? '')
  const [queries, setQueries] = useState(10)
  const [asked, setAsked] = useState<string | null>(null)
  const measured = useAnswer<Comparison>(asked)
  return (
    <section aria-label="Measured now">
      <h2>Measured now</h2>
      <div class="row fields">
        <Choice
          label="Space"
          value={space}
          options={spaces.map(({ name }) => [name, name])}
          onChange={setSpace}
        />
        <NumberField
          label="Queries"
          value={queries}
          usual={10}
          min={1}
          max={50}
          onChange={(value) => setQueries(value ?? 10)}
        />
        <button
          type="button"
          disabled={measured.loading}
          onClick={() => setAsked(addressOf('/compare', { space, queries }))}
        >
          {measured.loading ? 'Measuring …' : 'Measure'}
        </button>
      </div>
      <Shown answer={measured} what="the comparison">
        {(value) => (
          <dl class="facts tiles">
            {(
              [
                ['recall@10', value.recall.toFixed(3)],
                ['Dice@10 of codes alone', value.dice.toFixed(3)],
                ['code loss', value.codeLoss.toFixed(3)],
                ['bucket loss', value.bucketLoss.toFixed(3)],
                ['visited share', `${(100 * value.visitedShare).toFixed(1)} %`],
                ['a search', `${value.milliseconds.toFixed(1)} ms`],
              ] as const
            ).map(([name, figure]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{figure}</dd>
              </div>
            ))}
          </dl>
        )}
      </Shown>
    </section>
  )
}

/** Cost and recall of the stages of each space. */
function RunFigures({ run }: { run: number }) {
  const detail = useAnswer<EvaluationDetail>(`/evaluations/${run}`)
  return (
    <Shown answer={detail} what="the figures">
      {({ searches, seconds, seed }) => (
        <div class="wide" tabIndex={0} role="region" aria-label="Searches of the run">
          <table>
            <caption class="soft">
              Seed {seed}, {seconds.toFixed(0)} seconds.
            </caption>
            <thead>
              <tr>
                <th scope="col">Space</th>
                <th scope="col">Stage</th>
                <th scope="col" class="figure">
                  Probes
                </th>
                <th scope="col" class="figure">
                  recall@10
                </th>
                <th scope="col" class="figure">
                  visited
                </th>
                <th scope="col" class="figure">
                  median ms
                </th>
                <th scope="col" class="figure">
                  p95 ms
                </th>
              </tr>
            </thead>
            <tbody>
              {searches.map((row) => (
                <tr key={`${row.space} ${row.index} ${row.stage} ${row.probes ?? ''}`}>
                  <th scope="row">{row.space}</th>
                  <td>{row.stage}</td>
                  <td class="figure">{row.probes ?? '–'}</td>
                  <td class="figure">{row.recall?.toFixed(3) ?? '–'}</td>
                  <td class="figure">
                    {row.visitedShare === null ? '–' : `${(100 * row.visitedShare).toFixed(1)} %`}
                  </td>
                  <td class="figure">{row.medianMs?.toFixed(2) ?? '–'}</td>
                  <td class="figure">{row.p95Ms?.toFixed(2) ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Shown>
  )
}
