import { sql } from 'kysely'
import type { z } from '@hono/zod-openapi'
import { LshError } from '../core/errors.js'
import { rankingsOf, type FamilyKind } from '../hash/kinds.js'
import type { Store } from '../store/connection/connect.js'
import { kindOfSpace } from '../store/spaces/spaces.js'
import { readSpace } from '../store/spaces/read-space.js'
import type { spaceAnswerSchema } from './schemas/answers.js'

export type SpaceAnswer = z.infer<typeof spaceAnswerSchema>

/** Facts about an index, with the number of rows of its space, which is estimated from statistics if it is large. */
interface IndexRow {
  space: string
  name: string
  state: 'building' | 'ready' | 'suspect'
  codes: string
  family: string | null
  kind: FamilyKind | null
  bits: number | null
  buckets: number | null
  bucket_kind: string | null
  stage: string | null
  ranking: string | null
  probes: number
  candidates: number
  settings: 'measured' | 'given'
  checksum: string | null
}

/** An index of a space, with the table of its codes. */
export interface SpaceIndex {
  readonly name: string
  readonly codes: string
  readonly bits: number
}

/** The spaces that the role may read, sorted by name. */
export async function readSpaces(store: Store): Promise<SpaceAnswer[]> {
  const { rows: spaces } = await sql<{ name: string; dims: number; pooled: boolean }>`
    select name, dims, pooling is not null as pooled
    from cbir.space
    where to_regclass(format('space.%I', name)) is not null
      and has_table_privilege(format('space.%I', name), 'select')
    order by name`.execute(store.db)
  const indexes = await indexRows(store)
  const answers: SpaceAnswer[] = []
  for (const { name, dims, pooled } of spaces) {
    answers.push({
      name,
      dims,
      holds: pooled ? 'plan' : await kindOfSpace(store, name),
      items: await rowsOf(store, name),
      indexes: indexes.filter(({ space }) => space === name).map(answerOf),
    })
  }
  return answers
}

/** The kind of items that a space holds. */
export async function holdingOf(store: Store, space: string): Promise<SpaceAnswer['holds']> {
  const { pooling } = await readSpace(store, space)
  return pooling ? 'plan' : kindOfSpace(store, space)
}

/**
 * The index of a space: the one of the given name, else the one with the name of the space, else the oldest.
 *
 * @throws LshError `LSH01` if the space has no index of that name, `LSH03` if it has none
 */
export async function indexOfSpace(
  store: Store,
  space: string,
  name: string | undefined,
): Promise<SpaceIndex> {
  const indexes = (await indexRows(store)).filter((row) => row.space === space)
  const chosen =
    name === undefined
      ? (indexes.find((row) => row.name === space) ?? indexes[0])
      : indexes.find((row) => row.name === name)
  if (chosen) return { name: chosen.name, codes: chosen.codes, bits: chosen.bits ?? 0 }
  if (name === undefined)
    throw new LshError('LSH03', `space "${space}" has no hash index`, {
      hint: `Create one: "pg-lsh index create --space ${space}".`,
    })
  throw new LshError('LSH01', `space "${space}" has no index of that name`, {
    hint: 'List the spaces with their indexes: GET /api/v1/spaces.',
  })
}

async function indexRows(store: Store): Promise<IndexRow[]> {
  const { rows } = await sql<IndexRow>`
    select pg_class.relname as space, index.name, index.state, index.codes::text as codes, family.name as family,
      family.kind, family.bits, family.bucket_count as buckets, family.bucket_kind, index.stage, index.ranking,
      index.probes, index.candidates, index.settings, family.checksum
    from lsh.index
      join pg_class on pg_class.oid = index.relation and pg_class.relnamespace = 'space'::regnamespace
      -- A role that may not search an index does not see its family.
      left join lsh.family on family.id = index.family_id
    order by index.id`.execute(store.db)
  return rows
}

/** Most rows of a space that are counted; larger numbers come from statistics. */
const COUNTED = 20_000

async function rowsOf(store: Store, space: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select greatest(reltuples, 0)::int as rows from pg_class where oid = ${`space.${space}`}::regclass`.execute(
    store.db,
  )
  const estimate = rows[0]?.rows ?? 0
  if (estimate > COUNTED) return estimate
  const { rows: counted } = await sql<{ rows: number }>`
    select count(*)::int as rows from ${sql.id('space', space)}`.execute(store.db)
  return counted[0]?.rows ?? 0
}

function answerOf(row: IndexRow): SpaceAnswer['indexes'][number] {
  const { name, state, stage, ranking, probes, candidates, settings } = row
  return {
    name,
    state,
    family: row.family ?? '',
    kind: row.kind ?? '',
    bits: row.bits ?? 0,
    buckets: row.buckets ?? 0,
    bucketKind: row.bucket_kind ?? '',
    stage,
    ranking,
    rankings: row.kind === null ? [] : rankingsOf(row.kind),
    probes,
    candidates,
    settings,
    checksum: row.checksum ?? '',
  }
}
