import { sql, type RawBuilder } from 'kysely'
import { foldText, isUnspellable, wordsOf } from '../../ingest/files/fold-text.js'
import type { Store } from '../connection/connect.js'
import { assertDataset } from './patients.js'

/** A column that contains some of the values. */
export interface FoundIn {
  /** Qualified name of the table, such as `cbir.patient`. */
  readonly table: string
  readonly column: string
  /** Number of rows that contain one of the values. */
  readonly rows: number
}

export interface FindValuesOptions {
  /** Searches only rows of this data set, in tables whose rows belong to a data set. (Default: all rows) */
  dataset?: string
}

/** Result of a search for values. */
export interface SearchedColumns {
  /** Number of columns that were searched. */
  readonly columns: number
  readonly found: readonly FoundIn[]
}

const schemas = ['cbir', 'lsh', 'lsh_index', 'space']
/** Conditions for the rows of a data set, by table; rows of other tables belong to no data set. */
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
/** Types of the searched columns; arrays of these types are searched too. */
const types = ['text', 'varchar', 'bpchar', 'name', 'json', 'jsonb', 'xml']
/** Texts per query; the texts of a topology have a megabyte each. */
const texts = 500

/**
 * Searches every column of text, JSON or XML for folded values. A value matches only whole words, because parts of
 * words would match hashes by chance. Values in scripts without transliteration rules, such as Chinese, Japanese,
 * Korean or Thai, match anywhere, because many of these scripts write no spaces between words.
 *
 * The texts are folded here and not in the database, whose locale may not know letters beyond ASCII.
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

/** Returns a function that checks whether a text contains one of the folded values. */
export function valueFinder(values: Iterable<string>): (text: string) => boolean {
  /**
   * The words of each value, by the first word. A value without letters must also match literally, with its
   * punctuation, because lists of numbers have other separators.
   */
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
    // Separates the date of a timestamp from its time, so that the date is a word.
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

/** A text, and the number of rows that have it. */
interface Text {
  readonly text: string
  readonly times: number
}

/** Yields the distinct texts of a column, which it reads page by page. */
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
