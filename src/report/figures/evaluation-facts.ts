import type { SpaceEvaluation } from '../../compare/evaluation.js'
import type { StoredEvaluation } from '../../compare/stored-evaluations.js'
import { plain, threeDigits } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** Everything needed to repeat a run: data, sizes, seeds, versions, checksums, bandwidths. */
export function renderEvaluationFacts(evaluation: StoredEvaluation, number: number): Markup {
  const rows = factsOf(evaluation).map(
    ([label, value]) => markup`<tr><th scope="row">${label}</th><td>${value}</td></tr>`,
  )
  return markup`<figure class="facts" id="table-${number}">
<figcaption><strong>Table ${number}.</strong> Run ${evaluation.id}: data, parameters, versions and checksums.</figcaption>
<table>
<tbody>
${rows}
</tbody>
</table>
</figure>`
}

function factsOf({
  id,
  created,
  dataset,
  seed,
  settings,
  versions,
  spaces,
  seconds,
}: StoredEvaluation): [string, string][] {
  return [
    [
      'Run',
      `${id}, ${created.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${plain(seconds)} s`,
    ],
    ['Data set', dataset],
    ['Seed', `${seed}; it decides queries, families, samples and resamples`],
    [
      'Queries',
      `at most ${settings.queries} (over the number of retrieved images: ${settings.curve_queries})`,
    ],
    ['Ties', settings.tie_rule],
    [
      'Intervals',
      `95 %, ${settings.resamples} bootstrap resamples of patients, not of slices; none for a single patient`,
    ],
    ['Code lengths', settings.bits.join(', ')],
    ...Object.entries(versions).map(([name, version]): [string, string] => [name, version]),
    ...spaces.flatMap(spaceFacts),
  ]
}

function spaceFacts(space: SpaceEvaluation): [string, string][] {
  const queryPatients = new Set(space.query_patients).size
  return [
    [
      `Space ${space.space}`,
      `${space.items} slices of ${space.patients} patients, ${space.dims} dimensions; ` +
        `${space.queries.length} queries of ${queryPatients} held-out patients`,
    ],
    ...space.encoders.map(({ name, architecture, checksum, trained_on }): [string, string] => [
      `Encoder ${name}`,
      `${architecture}, trained on ${trained_on} patients, sha256 ${checksum.slice(0, 16)}`,
    ]),
    ...space.families.map((family): [string, string] => [
      `Family ${space.space} ${family.kind}`,
      `${family.bits} bits (shorter codes are its first bits: ${family.lengths.join(', ')}), seed ${family.seed}, ` +
        `γ ${family.bandwidth === null ? 'none' : threeDigits(family.bandwidth)}, sha256 ${family.checksum.slice(0, 16)}`,
    ]),
  ]
}
