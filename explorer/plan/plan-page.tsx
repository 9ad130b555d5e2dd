import { useEffect } from 'preact/hooks'
import { addressOf, setParameters, useAddress } from '../address.js'
import type { Curve, PlanDetail, SimilarPlans, SpaceAnswer } from '../api.js'
import { CopyText } from '../parts/copy-text.js'
import { Choice, NumberField } from '../parts/fields.js'
import { Empty, Shown } from '../parts/state.js'
import { LookControls } from '../slice/look-controls.js'
import { lookOf } from '../slice/look.js'
import { useAnswer } from '../use-answer.js'
import { DvhPart } from './dvh-part.js'
import { MatchedPart } from './matched-part.js'
import { PlanFacts } from './plan-facts.js'
import { SimilarTable } from './similar-table.js'

/** A plan, its dose, and the plans most similar to it. */
export function PlanPage() {
  const { parameters } = useAddress()
  const id = Number(parameters.get('id')) || null
  const plan = useAnswer<PlanDetail>(id === null ? null : `/plans/${id}`)
  const curves = useAnswer<{ curves: Curve[] }>(id === null ? null : `/plans/${id}/dvh`)
  const spaces = useAnswer<{ spaces: SpaceAnswer[] }>('/spaces')
  const asked = parameters.get('space')
  const similar = useAnswer<SimilarPlans>(
    id === null
      ? null
      : addressOf(`/plans/${id}/similar`, {
          space: asked,
          k: parameters.get('k'),
          weights: parameters.get('weights'),
        }),
  )
  const rows = similar.value?.rows ?? []
  const otherId = Number(parameters.get('other') ?? rows[0]?.planId ?? 0) || null
  const other = useAnswer<PlanDetail>(otherId === null ? null : `/plans/${otherId}`)
  const otherCurves = useAnswer<{ curves: Curve[] }>(
    otherId === null ? null : `/plans/${otherId}/dvh`,
  )
  const look = lookOf(parameters)
  useEffect(() => {
    document.title = plan.value ? `${plan.value.plan} · pg-lsh explorer` : 'pg-lsh explorer'
  }, [plan.value])
  if (id === null) return <Empty title="Which plan?">Choose one on the page of plans.</Empty>
  const usable = (spaces.value?.spaces ?? []).filter(
    ({ holds, indexes }) => indexes.length > 0 && (holds === 'slice' || holds === 'plan'),
  )
  return (
    <div class="search">
      <aside class="controls" aria-label="Controls">
        <Choice
          label="Space"
          value={asked ?? ''}
          options={[
            ['', `best for plans${similar.value ? ` (${similar.value.space})` : ''}`],
            ...usable.map(({ name }) => [name, name] as const),
          ]}
          onChange={(space) => setParameters({ space })}
        />
        <Choice
          label="Slices count"
          value={parameters.get('weights') ?? 'equal'}
          options={[
            ['equal', 'all the same'],
            ['dose', 'by their mean dose'],
          ]}
          onChange={(weights) => setParameters({ weights })}
        />
        <NumberField
          label="Plans"
          value={parameters.has('k') ? Number(parameters.get('k')) : null}
          usual={8}
          min={1}
          max={30}
          onChange={(k) => setParameters({ k })}
        />
        <LookControls look={look} />
      </aside>
      <section class="results">
        <Shown answer={plan} what="the plan">
          {(value) => (
            <>
              <h1>{value.plan}</h1>
              <PlanFacts plan={value} />
            </>
          )}
        </Shown>
        {plan.value && (
          <Shown answer={curves} what="the histograms">
            {(value) => (
              <DvhPart
                plan={plan.value as PlanDetail}
                curves={value.curves}
                other={otherCurves.value?.curves ?? null}
                otherName={other.value?.plan ?? null}
              />
            )}
          </Shown>
        )}
        <h2>Similar plans</h2>
        <Shown answer={similar} what="similar plans">
          {(value) => (
            <>
              <SimilarTable similar={value} chosen={otherId} />
              <CopyText sql={value.sql} typescript={value.typescript} />
            </>
          )}
        </Shown>
        {otherId !== null && similar.value && (
          <MatchedPart
            id={id}
            other={otherId}
            otherName={other.value?.plan ?? ''}
            space={similar.value.space}
            weights={parameters.get('weights') ?? 'equal'}
            look={look}
          />
        )}
      </section>
    </div>
  )
}
