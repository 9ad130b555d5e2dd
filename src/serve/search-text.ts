import { filterJson } from './conditions.js'
import type { SpaceAnswer } from './read-spaces.js'
import type { SearchParameters } from './schemas/parameters.js'

/** A search as text to paste into psql and into a program. */
export interface SearchText {
  readonly sql: string
  readonly typescript: string
}

interface Searched {
  readonly holds: SpaceAnswer['holds']
  readonly index: string
  /** Features of an upload; null for a search by item. */
  readonly vector: Float32Array | null
  /** The executed statement. */
  readonly statement: { readonly sql: string; readonly parameters: readonly unknown[] }
}

export function searchText(asked: SearchParameters, searched: Searched): SearchText {
  return { sql: sqlOf(asked, searched), typescript: typescriptOf(asked, searched) }
}

function sqlOf(asked: SearchParameters, { holds, statement, vector }: Searched): string {
  const { item, space, k, candidates, probes, samePatient, onePerPatient } = asked
  const plain =
    asked.stage === undefined && asked.ranking === undefined && asked.index === undefined
  if (holds === 'slice' && plain && vector === null && item !== undefined) {
    const filter = filterJson(asked)
    const options = [
      `k => ${k}`,
      ...(samePatient ? ['exclude_same_patient => false'] : []),
      ...(candidates === undefined ? [] : [`candidates => ${candidates}`]),
      ...(probes === undefined ? [] : [`probes => ${probes}`]),
      ...(filter === null ? [] : [`filter => ${literal(JSON.stringify(filter))}`]),
      ...(onePerPatient ? ['one_per_patient => true'] : []),
    ]
    return `select item_id, distance, hamming, patient, plan, index, position_mm
from cbir.similar_slices(${item}, ${literal(space)}, ${options.join(', ')});`
  }
  return `${inlined(statement, vector)};`
}

/** A statement with its parameters inserted; the vector of an upload, which is sent in binary, becomes text. */
function inlined({ sql, parameters }: Searched['statement'], vector: Float32Array | null): string {
  return sql.replace(/\$(\d+)/g, (_, place: string) => {
    const value = parameters[Number(place) - 1]
    return literalOf(value instanceof Uint8Array ? vector : value)
  })
}

function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return literal(`{${value.map(String).join(',')}}`)
  if (value instanceof Float32Array) return literal(`[${value.join(',')}]`)
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- what is left are texts and what prints as PostgreSQL reads it
  return literal(String(value))
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  const quoted = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

function typescriptOf(asked: SearchParameters, { holds, vector }: Searched): string {
  const { item, space, k, stage, ranking, candidates, probes, index, samePatient } = asked
  const upload = vector !== null
  const options = [
    upload ? 'to: query' : `to: { item: ${item ?? 0} }`,
    `k: ${k}`,
    ...(index === undefined || upload ? [] : [`index: ${JSON.stringify(index)}`]),
    ...(stage === undefined ? [] : [`stage: '${stage}'`]),
    ...(ranking === undefined ? [] : [`ranking: '${ranking}'`]),
    ...(candidates === undefined ? [] : [`candidates: ${candidates}`]),
    ...(probes === undefined ? [] : [`probes: ${probes}`]),
    ...(samePatient && !upload ? ['excludeSamePatient: false'] : []),
  ]
  const pictures = holds === 'image' || holds === 'neuron'
  const joins = pictures
    ? ["  .innerJoin('cbir.pictures as picture', 'picture.item_id', 'near.item_id')"]
    : [
        holds === 'plan'
          ? "  .innerJoin('cbir.plan_item as member', 'member.item_id', 'near.item_id')"
          : "  .innerJoin('cbir.slices as member', 'member.item_id', 'near.item_id')",
        "  .innerJoin('cbir.plans as plan', 'plan.plan_id', 'member.plan_id')",
      ]
  const shown = pictures ? "'picture.source', 'picture.label'" : "'plan.patient', 'plan.plan'"
  return [
    `import { ${upload ? 'encodeQuery, ' : ''}nearest, openDatabase, type Features } from 'pg-lsh'`,
    ...(upload ? ["import { readFile } from 'node:fs/promises'"] : []),
    '',
    `const db = await openDatabase<{ 'space.${space}': Features }>({ url: 'postgres://…' })`,
    ...(upload ? [`const query = await encodeQuery(db, '${space}', ${fileOf(holds)})`] : []),
    `const rows = await nearest(db, 'space.${space}', { ${options.join(', ')} })`,
    ...joins,
    ...conditionLines(asked, pictures),
    `  .select(['near.item_id', 'near.distance', 'near.hamming', ${shown}])`,
    '  .execute()',
  ].join('\n')
}

function fileOf(holds: SpaceAnswer['holds']): string {
  if (holds === 'image') return "{ image: await readFile('image.png') }"
  if (holds === 'neuron') return "{ swc: await readFile('neuron.swc') }"
  return "{ dicom: await readFile('slice.dcm') }"
}

function conditionLines(asked: SearchParameters, pictures: boolean): string[] {
  const where = (column: string, sign: string, value: string | number | undefined) =>
    value === undefined ? [] : [`  .where('${column}', '${sign}', ${JSON.stringify(value)})`]
  if (pictures)
    return [
      ...where('picture.dataset', '=', asked.dataset),
      ...where('picture.label', '=', asked.label),
    ]
  const { structure } = asked
  return [
    ...where('plan.dataset', '=', asked.dataset),
    ...where('plan.site', '=', asked.site),
    ...(structure === undefined
      ? []
      : [
          `  .where((eb) => eb(eb.val(${JSON.stringify(structure)}), '=', eb.fn.any('plan.structures')))`,
        ]),
    ...where('plan.prescription_gy', '>=', asked.minPrescription),
    ...where('plan.prescription_gy', '<=', asked.maxPrescription),
    ...where('plan.target_volume_cc', '>=', asked.minVolume),
    ...where('plan.target_volume_cc', '<=', asked.maxVolume),
  ]
}
