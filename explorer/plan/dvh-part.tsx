import { useState } from 'preact/hooks'
import { structureStyles } from '../../src/report/drawing/structure-style.js'
import { addressOf } from '../address.js'
import type { Band, Curve, PlanDetail } from '../api.js'
import { useAnswer } from '../use-answer.js'
import { DvhChart } from './dvh-chart.js'

interface DvhPartProps {
  plan: PlanDetail
  curves: readonly Curve[]
  other: readonly Curve[] | null
  otherName: string | null
}

/** Histograms of a plan and the plan to compare, with the band of the cohort for one structure. */
export function DvhPart({ plan, curves, other, otherName }: DvhPartProps) {
  const styles = structureStyles([
    plan.doses.map(({ name, role, meanGy }) => ({ name, role, meanGy })),
  ])
  const [hidden, setHidden] = useState<readonly string[]>([])
  const [banded, setBanded] = useState<string | null>(null)
  const structure = banded ?? styles.find(({ role }) => role === 'target')?.name ?? styles[0]?.name
  const band = useAnswer<Band>(
    structure === undefined ? null : addressOf('/dvh-band', { structure, dataset: plan.dataset }),
  )
  if (curves.length === 0)
    return <p class="soft">The plan has no dose and therefore no histograms.</p>
  const shown = styles.filter(({ name }) => !hidden.includes(name))
  const turn = (name: string) =>
    setHidden(hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name])
  return (
    <>
      <h2>Dose and volume</h2>
      <div class="dvh">
        <DvhChart
          label={`Dose-volume histograms of ${plan.plan}${otherName ? ` and ${otherName}` : ''}`}
          styles={shown}
          curves={curves}
          other={other}
          band={band.value?.structure === structure ? band.value : null}
        />
        <div class="wide" tabIndex={0} role="region" aria-label="Structures">
          <table class="structures">
            <caption class="soft">
              Solid lines: this plan{otherName && <>; broken: {otherName}</>}.{' '}
              {band.value && structure !== undefined && (
                <>
                  Grey: {structure} in {band.value.plans} plans, quartiles dark, extremes light.
                </>
              )}
            </caption>
            <thead>
              <tr>
                <th scope="col">Structure</th>
                <th scope="col" class="figure">
                  cc
                </th>
                <th scope="col" class="figure">
                  mean Gy
                </th>
                <th scope="col" class="figure">
                  max Gy
                </th>
                <th scope="col">Band</th>
              </tr>
            </thead>
            <tbody>
              {plan.doses.map((one) => {
                const style = styles.find(({ name }) => name === one.name)
                return (
                  <tr key={one.name}>
                    <th scope="row">
                      {style ? (
                        <label>
                          <input
                            type="checkbox"
                            checked={!hidden.includes(one.name)}
                            onChange={() => turn(one.name)}
                          />
                          <i class="swatch" style={{ background: style.colour }} /> {one.name}
                        </label>
                      ) : (
                        one.name
                      )}
                    </th>
                    <td class="figure">{one.volumeCc?.toFixed(1) ?? '–'}</td>
                    <td class="figure">{one.meanGy?.toFixed(1) ?? '–'}</td>
                    <td class="figure">{one.maxGy?.toFixed(1) ?? '–'}</td>
                    <td>
                      <input
                        type="radio"
                        name="band"
                        aria-label={`Band of ${one.name}`}
                        checked={structure === one.name}
                        onChange={() => setBanded(one.name)}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      </div>
    </>
  )
}
