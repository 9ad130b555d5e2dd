import { sql, type RawBuilder } from 'kysely'
import { foldText, isUnspellable, wordsOf } from '../../ingest/files/fold-text.js'
import type { Store } from '../connection/connect.js'
import { assertDataset } from './patients.js'

/** A column that holds some of the values that were looked for. */
export interface FoundIn {
  /** `cbir.patient` */
  readonly table: string
  readonly column: string
  /** Rows that hold one. */
  readonly rows: number
}

export interface FindValuesOptions {
  /** Looks only at rows of this data set, in tables whose rows belong to one. (Default: all rows) */
  dataset?: string
}

export interface SearchedColumns {
  readonly columns: number
  readonly found: readonly FoundIn[]
}

const schemas = ['cbir', 'lsh', 'lsh_index', 'space']
/** Rows that belong to one data set, of the tables that tell; all others belong to none, or to all. */
const belonging: Readonly<Record<string, (dataset: string) => RawBuilder<unknown>>> = {
  'cbir.patient': (dataset) => sql`held.dataset = ${dataset}`,
  'cbir.item': (dataset) => sql`held.dataset = ${dataset}`,
  'cbir.encoder': (dataset) => sql`held.dataset = ${dataset}`,
  'cbir.evaluation': (dataset) => sql`held.dataset = ${dataset}`,
  'cbir.plan': (dataset) => sql`held.patient_id in (
    select patient.id from cbir.patient where patient.dataset = ${dataset})`,
  'cbir.structure': (dataset) => sql`held.plan_id in (
    select plan.id from cbir.plan join cbir.patient on patient.id = plan.patient_id
    where patient.dataset = ${dataset})`,
}
/** Types whose text is looked through, and arrays of them. */
const types = ['text', 'varchar', 'bpchar', 'name', 'json', 'jsonb', 'xml']
/** Texts that are read at once: those of a topology have a megabyte. */
const texts = 500

/**
 * Looks for folded values in every column of text or JSON. A value is found where it stands as words of their own: within
 * a longer one it would be found by chance in every hash. Signs that stand without blanks between them, as in Chinese,
 * Japanese, Korean or Thai, are found anywhere.
 *
 * The texts are folded here and not by the database, whose locale may know no letters beyond ASCII.
 *
 * @throws LshError `LSH01` for an unknown data set
 */
export async function findValues(
  store: Store,
  values: Iterable<string>,
  { dataset }: FindValuesOptions = {},
): Promise<SearchedColumns> {
  if (dataset !== undefined) await assertDataset(store, dataset)
  const holds = valueFinder(values)
  const columns = await textColumns(store)
  const found: FoundIn[] = []
  for (const { schema, table, column } of columns) {
    let rows = 0
    for await (const { text, times } of textsOf(store, { schema, table, column }, dataset))
      if (holds(text)) rows += times
    if (rows > 0) found.push({ table: `${schema}.${table}`, column, rows })
  }
  return { columns: columns.length, found }
}

/** Tells texts that hold one of some folded values. */
export function valueFinder(values: Iterable<string>): (text: string) => boolean {
  /** Values as words, by the first of them. Numbers must also have the same signs between them: lists of numbers have others. */
  const byFirst = new Map<string, { parts: readonly string[]; literal: string | null }[]>()
  const anywhere: string[] = []
  for (const value of values) {
    if (isUnspellable(value)) anywhere.push(value)
    const folded = foldText(value)
    const parts = wordsOf(folded)
    const [first] = parts
    if (first === undefined) continue
    const one = { parts, literal: /\p{L}/u.test(folded) ? null : folded }
    const list = byFirst.get(first)
    if (list === undefined) byFirst.set(first, [one])
    else list.push(one)
  }
  return (text) => {
    // The day of a timestamp is a word of its own.
    const folded = foldText(text).replace(/(\d\d)t(?=\d\d)/g, '$1 t')
    if (anywhere.some((value) => folded.includes(value))) return true
    const words = wordsOf(folded)
    return words.some((word, at) =>
      byFirst
        .get(word)
        ?.some(
          ({ parts, literal }) =>
            parts.every((part, i) => words[at + i] === part) &&
            (literal === null || folded.includes(literal)),
        ),
    )
  }
}

interface Column {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/** A text, and how many rows have it. */
interface Text {
  readonly text: string
  readonly times: number
}

/** The different texts of a column, a part of them at a time. */
async function* textsOf(
  store: Store,
  { schema, table, column }: Column,
  dataset: string | undefined,
): AsyncGenerator<Text> {
  const belongs = belonging[`${schema}.${table}`]
  const limited = dataset !== undefined && belongs ? belongs(dataset) : sql`true`
  const place = sql.ref(`held.${column}`)
  for (let after: string | null = null; ;) {
    const { rows }: { rows: Text[] } = await sql<Text>`
      select ${place}::text collate "C" as text, count(*)::int as times
      from ${sql.id(schema, table)} as held
      where ${place} is not null and ${limited} and (${after}::text is null or ${place}::text collate "C" > ${after})
      group by 1
      order by 1
      limit ${texts}`.execute(store.db)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < texts) return
    after = last.text
  }
}

async function textColumns(store: Store): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select nspname::text as schema, relname::text as table, attname::text as column
    from pg_attribute
      join pg_class on pg_class.oid = attrelid
      join pg_namespace on pg_namespace.oid = relnamespace
      join pg_type on pg_type.oid = atttypid
      left join pg_type as element on element.oid = pg_type.typelem and pg_type.typcategory = 'A'
    where nspname = any(${schemas}::text[])
      and relkind in ('r', 'p', 'm')
      and attnum > 0
      and not attisdropped
      and coalesce(element.typname, pg_type.typname) = any(${types}::text[])
    order by nspname, relname, attnum`.execute(store.db)
  return rows
}
