import { sql } from 'kysely'
import type { Store } from '../../store/connect.js'
import { fillIndex, settleIndex } from '../../store/index-codes.js'
import { readSpace } from '../../store/spaces.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

export interface FamilyOptions {
  name?: string
  bits: number
  seed: number
  bandwidth?: number
}

/** Name of the family that `family create` makes for a space unless told otherwise. */
export function familyName(space: string, bits: number): string {
  return `${space}_kernel_${bits}`
}

/** Draws a family for a space, calibrated on its features; returns its name. */
export async function createFamily(
  store: Store,
  space: string,
  options: FamilyOptions,
): Promise<string> {
  const { bits, seed, bandwidth = null, name = familyName(space, bits) } = options
  await readSpace(store, space)
  await sql`select lsh.create_family(${name}, ${`space.${space}`}::regclass, 'embedding', bits => ${bits}::int,
    seed => ${seed}::int, bandwidth => ${bandwidth}::float8)`.execute(store.db)
  return name
}

export interface IndexOptions {
  family: string
  name?: string
  maintain: string
}

/** Creates the hash index of a space and fills it; returns the number of codes written. */
export async function createIndex(
  { output }: Context,
  store: Store,
  space: string,
  options: IndexOptions,
): Promise<number> {
  const { family, name = space, maintain } = options
  await readSpace(store, space)
  await sql`select lsh.create_index(${`space.${space}`}::regclass, 'embedding', ${family}, ${name},
    maintain => ${maintain})`.execute(store.db)
  const total = await codeCount(store, space)
  const progress = startProgress(output, `index ${name}`, total)
  try {
    if (maintain === 'loader')
      await fillIndex(store, name, { onProgress: (rows) => progress.advance(rows) })
    else {
      await settleIndex(store, name)
      progress.advance(total)
    }
  } finally {
    progress.finish()
  }
  return total
}

async function codeCount(store: Store, space: string): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from ${sql.id('space', space)}`.execute(store.db)
  return rows[0]?.count ?? 0
}
