import type { Agreement, Evaluation } from '../../compare/evaluation.js'
import { fixed, signed } from '../drawing/format.js'
import { intervalText } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** Mean Dice of every space, kind and length, with intervals, as a numbered table. */
export function renderAgreementTable(
  { spaces, settings: { k } }: Evaluation,
  number: number,
  name: string,
): Markup {
  const rows = spaces.flatMap(({ space, agreement }) =>
    [...new Set(agreement.map(({ kind }) => kind))].map((kind) => ({ space, kind, agreement })),
  )
  const lengths = lengthsOf([spaces])
  const body = rows.map(({ space, kind, agreement }) => {
    const cells = lengths.map((bits) => {
      const own = violinsOf(agreement, k).find((one) => one.kind === kind && one.bits === bits)
      return own
        ? markup`<td>${fixed(own.dice.mean, 3)}<br/><small>${intervalText(own.dice, 3)}</small></td>`
        : markup`<td>–</td>`
    })
    return markup`<tr><th scope="row"><code>${space}</code> ${kind}</th>${cells}</tr>`
  })
  return markup`<figure class="figures" id="table-${number}">
<figcaption><strong>Table ${number}.</strong> Mean Dice@${k} of the codes alone by number of bits${name}, other patients only, with
the 95 % interval over patients, which a single patient does not have.</figcaption>
<div class="wide"><table>
<thead><tr><th scope="col">Space, kind</th>${lengths.map((bits) => markup`<th scope="col">${bits}</th>`)}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
</figure>`
}

/** Differences between two runs, for figures that both measured. */
export function renderDifferenceTable(
  before: Evaluation,
  after: Evaluation,
  number: number,
): Markup {
  const lengths = lengthsOf([before.spaces, after.spaces])
  const body = after.spaces.flatMap(({ space, agreement }) => {
    const earlier = before.spaces.find((one) => one.space === space)
    if (!earlier) return []
    const own = violinsOf(agreement, after.settings.k)
    const other = violinsOf(earlier.agreement, before.settings.k)
    return [...new Set(own.map(({ kind }) => kind))].map((kind) => {
      const cells = lengths.map((bits) => {
        const same = (one: Agreement) => one.kind === kind && one.bits === bits
        const [now, then] = [own.find(same), other.find(same)]
        if (!now || !then) return markup`<td>–</td>`
        return markup`<td>${signed(now.dice.mean - then.dice.mean, 3)}</td>`
      })
      return markup`<tr><th scope="row"><code>${space}</code> ${kind}</th>${cells}</tr>`
    })
  })
  return markup`<figure class="figures" id="table-${number}">
<figcaption><strong>Table ${number}.</strong> Mean Dice of the second run minus that of the first, by number of bits.</figcaption>
<div class="wide"><table>
<thead><tr><th scope="col">Space, kind</th>${lengths.map((bits) => markup`<th scope="col">${bits}</th>`)}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
</figure>`
}

function violinsOf(agreement: readonly Agreement[], k: number): Agreement[] {
  return agreement.filter((one) => one.k === k && !one.same_patient && one.overlaps)
}

function lengthsOf(runs: readonly Evaluation['spaces'][]): number[] {
  const all = runs.flat().flatMap(({ agreement }) => agreement.map(({ bits }) => bits))
  return [...new Set(all)].sort((a, b) => a - b)
}
