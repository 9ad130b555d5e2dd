import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as client from '../../src/index.js'
import { useTestDatabase } from '../database.js'
import { rowsOf } from './asking.js'

const database = useTestDatabase()

/** The function of the client that does the same, typed; null for what is left to SQL, and why. */
const TWINS: Readonly<Record<string, keyof typeof client | { none: string }>> = {
  'cbir.compare_slices': 'compareSpace',
  'cbir.create_space': { none: 'train makes spaces; by hand it is one statement' },
  'cbir.delete_items': { none: '`pg-lsh unload` does it' },
  'cbir.delete_plan': { none: 'upkeep' },
  'cbir.distribute_space': { none: '`pg-lsh distribute` does it' },
  'cbir.drop_space': { none: 'upkeep' },
  'cbir.encoders_of': { none: 'for psql' },
  'cbir.grant_reader': { none: 'rights' },
  'cbir.matched_slices': 'matchedSlices',
  'cbir.plan_id': { none: 'for psql' },
  'cbir.plan_space': { none: 'similarPlans takes it for granted' },
  'cbir.revoke_reader': { none: 'rights' },
  'cbir.similar_plans': 'similarPlans',
  'cbir.similar_slices': 'similarSlices',
  'cbir.similar_slices_exact': 'similarSlicesExact',
  'cbir.undistribute_space': { none: '`pg-lsh distribute --undo` does it' },
  'lsh.binary_quantize': 'binaryQuantize',
  'lsh.build_index': { none: 'upkeep' },
  'lsh.calibrate': { none: 'createFamily does it' },
  'lsh.compact_index': { none: 'upkeep' },
  'lsh.compare': { none: 'compareWithExact measures the same by lsh.compare_nearest' },
  'lsh.compare_nearest': 'compareWithExact',
  'lsh.cosine_distance': 'cosineDistance',
  'lsh.create_family': 'createFamily',
  'lsh.create_index': 'createIndex',
  'lsh.dice': 'dice',
  'lsh.distribute': { none: '`pg-lsh distribute` does it' },
  'lsh.drop_family': { none: 'upkeep' },
  'lsh.drop_index': { none: 'upkeep' },
  'lsh.encode': 'encodeVector',
  'lsh.expected_hamming': { none: 'for psql' },
  'lsh.explain_search': { none: 'for psql' },
  'lsh.explain_within': { none: 'for psql' },
  'lsh.family_checksum': { none: 'readFamily checks it' },
  'lsh.grant_create': { none: 'rights' },
  'lsh.grant_search': { none: 'rights' },
  'lsh.hamming': 'hamming',
  'lsh.index_of': { none: 'nearest looks the index up itself' },
  'lsh.index_stats': { none: 'upkeep' },
  'lsh.jaccard': 'jaccard',
  'lsh.l2_distance': 'l2Distance',
  'lsh.maintain': { none: 'upkeep' },
  'lsh.mend_index': { none: 'upkeep; migrate does it' },
  'lsh.nearest': 'nearest',
  'lsh.pairs': 'pairs',
  'lsh.probes': 'probes',
  'lsh.reindex': { none: 'upkeep' },
  'lsh.revoke_search': { none: 'rights' },
  'lsh.search': 'search',
  'lsh.search_exact': 'searchExact',
  'lsh.switch_index': { none: 'upkeep' },
  'lsh.tune': { none: 'upkeep' },
  'lsh.undistribute': { none: '`pg-lsh distribute --undo` does it' },
  'lsh.verify_index': { none: 'upkeep' },
  'lsh.within': 'within',
}

/** A function as the files define it. */
interface Stated {
  readonly name: string
  readonly procedure: boolean
  /** From the name to the body. */
  readonly head: string
}

const root = fileURLToPath(new URL('../../sql/', import.meta.url))
const files = ['lsh', 'cbir'].flatMap((folder) =>
  readdirSync(`${root}${folder}`).map((name) => ({
    name: `${folder}/${name}`,
    text: readFileSync(`${root}${folder}/${name}`, 'utf8'),
  })),
)
const stated: Stated[] = files.flatMap(({ text }) =>
  [
    ...text.matchAll(
      /create or replace (function|procedure) ((?:lsh|cbir)\.[a-z]\w*)\(([^]*?)\n(?:as |begin atomic| {2}return )/g,
    ),
  ].map(([, what, name = '', head = '']) => ({ name, procedure: what === 'procedure', head })),
)
const clause = ({ head }: Stated, words: RegExp) => words.exec(head)?.[0] ?? ''
const hasTwin = (name: string) => typeof TWINS[name] === 'string'

describe('every public function', () => {
  it('has a comment, and says in its source how it may be planned', async () => {
    const comments = await rowsOf<{ name: string; comment: string | null }>(
      database.store,
      `select format('%s.%s', nspname, proname) as name, obj_description(pg_proc.oid, 'pg_proc') as comment
       from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
       where nspname in ('lsh', 'cbir') and proname !~ '^_'
       order by 1`,
    )
    const table = stated
      .map((one) => ({
        name: one.name,
        comment: comments.some(({ name, comment }) => name === one.name && comment !== null),
        volatility: clause(one, /\b(immutable|stable|volatile)\b/),
        // PostgreSQL takes neither of a procedure.
        parallel: clause(one, /\bparallel (safe|restricted|unsafe)\b/),
        twin: hasTwin(one.name) ? (TWINS[one.name] as string) : '-',
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    if (process.env.PG_LSH_TABLE === '1') process.stdout.write(`${asTable(table)}\n`)
    expect(new Set(table.map(({ name }) => name))).toEqual(
      new Set(comments.map(({ name }) => name)),
    )
    expect(table.filter(({ comment }) => !comment)).toEqual([])
    const unstated = table.filter(({ volatility, parallel }) => !volatility || !parallel)
    expect(unstated.map(({ name }) => name)).toEqual(['lsh.build_index'])
  })

  it('has a typed twin in the client, or says why not', () => {
    expect(Object.keys(TWINS)).toEqual([...new Set(stated.map(({ name }) => name))].sort())
    for (const twin of Object.values(TWINS))
      if (typeof twin === 'string') expect([twin, typeof client[twin]]).toEqual([twin, 'function'])
  })
})

describe('every error that the SQL raises', () => {
  const raised = files.flatMap(({ name, text }) =>
    [...text.matchAll(/\braise exception\b[^;]*;/g)].map(([statement]) => ({ name, statement })),
  )

  it('has an SQLSTATE, and a hint that says what to do', () => {
    const bare = raised.filter(
      ({ statement }) => !/\berrcode = /.test(statement) || !/\bhint = /.test(statement),
    )
    expect(bare).toEqual([])
    expect(raised.length).toBeGreaterThan(100)
  })
})

function asTable(rows: readonly Record<string, unknown>[]): string {
  const cells = (row: Record<string, unknown>) =>
    Object.values(row).map((value) => String(value).padEnd(28))
  return [Object.keys(rows[0] ?? {}).map((name) => name.padEnd(28)), ...rows.map(cells)]
    .map((line) => line.join('').trimEnd())
    .join('\n')
}
