import { addressOf } from '../address.js'
import type { PlanDetail } from '../api.js'
import { Link } from '../parts/link.js'

/** The figures of a plan. */
export function PlanFacts({ plan }: { plan: PlanDetail }) {
  const middle = plan.items[plan.items.length >> 1]
  const facts: readonly (readonly [string, string | null])[] = [
    ['Patient', plan.patient],
    ['Data set', plan.dataset],
    ['Site', plan.site],
    ['Prescription', plan.prescriptionGy === null ? null : `${plan.prescriptionGy} Gy`],
    ['Fractions', plan.fractions === null ? null : String(plan.fractions)],
    ['Radiation', plan.radiation],
    ['Technique', plan.technique],
    ['Highest dose', plan.doseMaxGy === null ? null : `${plan.doseMaxGy.toFixed(1)} Gy`],
    ['Target', plan.targetVolumeCc === null ? null : `${plan.targetVolumeCc.toFixed(1)} cc`],
    ['Slices', String(plan.slices)],
  ]
  return (
    <>
      <dl class="facts tiles">
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {middle && (
        <p class="actions">
          <Link class="go" to={addressOf('/', { item: middle.item })}>
            Search with its slices
          </Link>
        </p>
      )}
    </>
  )
}
