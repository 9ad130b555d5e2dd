import { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import { agreement } from './agreement.js'
import { hexOf, readCodes } from './codes.js'
import { readItem, readItems } from './read-items.js'
import { holdingOf, indexOfSpace } from './read-spaces.js'
import {
  nearQuery,
  searchItems,
  type NeighbourOfPatient,
  type SearchedWith,
} from './search-items.js'
import { searchText } from './search-text.js'
import type { SearchAnswer } from './schemas/answers.js'
import type { SearchParameters } from './schemas/parameters.js'
import type { Uploads } from './uploads.js'

/** Runs the requested search and an exact one, and reports both. */
export async function answerSearch(
  store: Store,
  uploads: Uploads,
  asked: SearchParameters,
): Promise<SearchAnswer> {
  const { space, item, upload } = asked
  if ((item === undefined) === (upload === undefined))
    throw new LshError('bad_usage', 'a search needs either an item or an upload', {
      hint: 'Give "item", the key of a stored item, or "upload", what POST /api/v1/uploads answered.',
    })
  const holds = await holdingOf(store, space)
  const index = await indexOfSpace(store, space, asked.index)
  const query = upload === undefined ? null : await uploads.encoded(upload, space, index.name)
  const to: SearchedWith = query ?? { item: item as number }
  const own = item === undefined ? null : await readItem(store, item)
  const hashed = await timed(() => searchItems(store, holds, to, asked))
  const exact = asked.exact
    ? await timed(() => searchItems(store, holds, to, { ...asked, stage: 'exact' }))
    : null
  const rows = [...hashed.rows, ...(exact?.rows ?? [])]
  const keys = [...new Set(rows.map(({ item_id }) => item_id))]
  const facts = await readItems(store, keys)
  const codes = await readCodes(store, index, item === undefined ? keys : [...keys, item])
  const found = (near: readonly NeighbourOfPatient[]) =>
    near.flatMap(({ item_id: key, distance, hamming }) => {
      const known = facts.get(key)
      return known ? [{ ...known, distance, hamming, code: codes.get(key) ?? null }] : []
    })
  const hashedRows = found(hashed.rows)
  const exactRows = exact && found(exact.rows)
  return {
    space,
    holds,
    index: index.name,
    bits: index.bits,
    query: {
      item: own,
      upload: upload ?? null,
      code: query ? hexOf(query.code) : (codes.get(item ?? 0) ?? null),
      window: query?.window ?? null,
    },
    hashed: { milliseconds: hashed.milliseconds, rows: hashedRows },
    exact: exact && exactRows && { milliseconds: exact.milliseconds, rows: exactRows },
    agreement: exactRows && agreement(hashedRows, exactRows),
    ...searchText(asked, {
      holds,
      index: index.name,
      vector: query?.vector ?? null,
      statement: nearQuery(store, holds, query ? query.vector : to, asked).compile(),
    }),
  }
}

async function timed(
  work: () => Promise<NeighbourOfPatient[]>,
): Promise<{ rows: NeighbourOfPatient[]; milliseconds: number }> {
  const started = performance.now()
  const rows = await work()
  return { rows, milliseconds: Math.round(10 * (performance.now() - started)) / 10 }
}
