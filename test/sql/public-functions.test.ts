import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it } from 'vitest'
import * as client from '../../src/index.js'
import { useTestDatabase } from '../database.js'
import { SQL_FUNCTIONS } from '../../src/search/sql-functions.js'
import { rowsOf } from './asking.js'

const database = useTestDatabase()

/** By SQL function, the typed function of the client that does the same; `callSql` calls the rest. */
const TWINS: Readonly<Record<string, keyof typeof client>> = {
  'cbir.compare_slices': 'compareSpace',
  'cbir.matched_slices': 'matchedSlices',
  'cbir.similar_plans': 'similarPlans',
  'cbir.similar_slices': 'similarSlices',
  'cbir.similar_slices_exact': 'similarSlicesExact',
  'lsh.binary_quantize': 'binaryQuantize',
  'lsh.compare_nearest': 'compareWithExact',
  'lsh.cosine_distance': 'cosineDistance',
  'lsh.create_family': 'createFamily',
  'lsh.create_index': 'createIndex',
  'lsh.dice': 'dice',
  'lsh.encode': 'encodeVector',
  'lsh.hamming': 'hamming',
  'lsh.jaccard': 'jaccard',
  'lsh.l2_distance': 'l2Distance',
  'lsh.nearest': 'nearest',
  'lsh.pairs': 'pairs',
  'lsh.probes': 'probes',
  'lsh.sample_recall': 'sampleRecall',
  'lsh.search': 'search',
  'lsh.search_exact': 'searchExact',
  'lsh.within': 'within',
  ...Object.fromEntries(Object.keys(SQL_FUNCTIONS).map((name) => [name, 'callSql' as const])),
}

/** By function, a statement that it refuses; `null` for a function that accepts every value of its types. */
const REFUSED: Readonly<Record<string, string | null>> = {
  'cbir.compare_slices': `select * from cbir.compare_slices('nowhere', '{1}')`,
  'cbir.create_space': `select cbir.create_space('made', 3)`,
  // Deleting items that do not exist is not an error.
  'cbir.delete_items': null,
  'cbir.delete_plan': null,
  'cbir.distribute_space': `select cbir.distribute_space('nowhere')`,
  'cbir.drop_space': null,
  // A space that does not exist has no encoders.
  'cbir.encoders_of': null,
  'cbir.grant_reader': `select cbir.grant_reader('nobody')`,
  'cbir.matched_slices': `select * from cbir.matched_slices(1, 2, 'nowhere')`,
  'cbir.plan_id': `select cbir.plan_id('nowhere')`,
  'cbir.plan_space': `select cbir.plan_space(0)`,
  'cbir.revoke_reader': `select cbir.revoke_reader('nobody')`,
  'cbir.similar_plans': `select * from cbir.similar_plans(0)`,
  'cbir.similar_slices': `select * from cbir.similar_slices(0, 'nowhere')`,
  'cbir.similar_slices_exact': `select * from cbir.similar_slices_exact(0, 'nowhere')`,
  'cbir.undistribute_space': `select cbir.undistribute_space('nowhere')`,
  'lsh.binary_quantize': null,
  'lsh.build_index': `call lsh.build_index('nowhere')`,
  'lsh.calibrate': `select lsh.calibrate('lsh.family', 'name')`,
  'lsh.compact_index': `select lsh.compact_index('nowhere')`,
  'lsh.compare': `select * from lsh.compare('nowhere', '{1}')`,
  'lsh.compare_nearest': `select * from lsh.compare_nearest(null::lsh.family, '[1]')`,
  'lsh.cosine_distance': `select lsh.cosine_distance('[1]', '[1,2]')`,
  'lsh.create_family': `select lsh.create_family('', 'lsh.family', 'center')`,
  'lsh.create_index': `select lsh.create_index('lsh.family', 'center', 'nowhere')`,
  'lsh.dice': null,
  'lsh.distribute': `select lsh.distribute('nowhere')`,
  'lsh.drop_family': `select lsh.drop_family('nowhere')`,
  'lsh.drop_index': `select lsh.drop_index('nowhere')`,
  'lsh.encode': `select lsh.encode('nowhere', '[1]')`,
  // Returns null for a kind without a closed form.
  'lsh.expected_hamming': null,
  'lsh.explain_search': `select * from lsh.explain_search('nowhere', '[1]')`,
  'lsh.explain_within': `select * from lsh.explain_within('nowhere', '[1]', 1)`,
  'lsh.family_checksum': `select lsh.family_checksum('nowhere')`,
  'lsh.grant_create': `select lsh.grant_create('nobody')`,
  'lsh.grant_search': `select lsh.grant_search('nowhere', 'nobody')`,
  'lsh.hamming': `select lsh.hamming(B'01', B'011')`,
  'lsh.index_of': `select lsh.index_of('lsh.family')`,
  'lsh.index_stats': `select * from lsh.index_stats('nowhere')`,
  'lsh.jaccard': null,
  'lsh.l2_distance': `select lsh.l2_distance('[1]', '[1,2]')`,
  'lsh.maintain': `select * from lsh.maintain('nowhere')`,
  'lsh.mend_index': `select lsh.mend_index('nowhere')`,
  'lsh.nearest': `select * from lsh.nearest(null::lsh.family, '[1]')`,
  'lsh.pairs': `select * from lsh.pairs('nowhere', 1)`,
  'lsh.probes': `select lsh.probes('nowhere', '[1]', 1)`,
  'lsh.reindex': `select lsh.reindex('nowhere', 'nowhere')`,
  'lsh.revoke_search': `select lsh.revoke_search('nowhere', 'nobody')`,
  'lsh.sample_recall': `select lsh.sample_recall(null::lsh.family, '[1]')`,
  'lsh.search': `select * from lsh.search('nowhere', '[1]')`,
  'lsh.search_exact': `select * from lsh.search_exact('nowhere', '[1]')`,
  'lsh.switch_index': `select lsh.switch_index('nowhere', 'nowhere')`,
  'lsh.tune': `select * from lsh.tune('nowhere')`,
  'lsh.undistribute': `select lsh.undistribute('nowhere')`,
  'lsh.verify_index': `select * from lsh.verify_index('nowhere')`,
  'lsh.within': `select * from lsh.within('nowhere', '[1]', 1)`,
}

/** SQLSTATEs of PostgreSQL and pgvector, without a hint, for operands of different lengths. */
const OPERANDS = ['22026', '22000']

/** The SQLSTATE with which a function refuses its statement, or a description of what is wrong. */
async function refusal(name: string): Promise<string> {
  const statement = REFUSED[name]
  if (statement === null) return 'refuses nothing'
  if (statement === undefined) return 'untried'
  const error = await rowsOf(database.store, statement).then(
    () => null,
    (thrown: unknown) => thrown as { code?: string; hint?: string },
  )
  if (!error?.code) return 'not refused'
  return error.hint || OPERANDS.includes(error.code) ? error.code : `${error.code} without a hint`
}

/** A function as defined in the files of sql/. */
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

describe('every public function', () => {
  it('has a comment, a stated volatility and parallel safety, and an SQLSTATE when it refuses', async () => {
    const comments = await rowsOf<{ name: string; comment: string | null }>(
      database.store,
      `select format('%s.%s', nspname, proname) as name, obj_description(pg_proc.oid, 'pg_proc') as comment
       from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
       where nspname in ('lsh', 'cbir') and proname !~ '^_'
       order by 1`,
    )
    const states = new Map<string, string>()
    for (const { name } of stated) states.set(name, await refusal(name))
    const table = stated
      .map((one) => ({
        name: one.name,
        comment: comments.some(({ name, comment }) => name === one.name && comment !== null),
        volatility: clause(one, /\b(immutable|stable|volatile)\b/),
        // A procedure can have neither.
        parallel: clause(one, /\bparallel (safe|restricted|unsafe)\b/),
        sqlstate: states.get(one.name) ?? '',
        twin: TWINS[one.name] ?? '',
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    if (inject('engine') === 'server') process.stdout.write(`${asTable(table)}\n`)
    expect(new Set(table.map(({ name }) => name))).toEqual(
      new Set(comments.map(({ name }) => name)),
    )
    expect(table.filter(({ comment }) => !comment)).toEqual([])
    const unstated = table.filter(({ volatility, parallel }) => !volatility || !parallel)
    expect(unstated.map(({ name }) => name)).toEqual(['lsh.build_index'])
    const known = /^([0-9A-Z]{5}|refuses nothing)$/
    expect(table.filter(({ sqlstate }) => !known.test(sqlstate))).toEqual([])
  })

  it('has a typed counterpart in the client', () => {
    expect(Object.keys(TWINS).sort()).toEqual([...new Set(stated.map(({ name }) => name))].sort())
    for (const twin of Object.values(TWINS))
      expect([twin, typeof client[twin]]).toEqual([twin, 'function'])
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

const width = 26

function asTable(rows: readonly Record<string, unknown>[]): string {
  const cells = (row: Record<string, unknown>) =>
    Object.values(row).map((value) => String(value).padEnd(width))
  return [Object.keys(rows[0] ?? {}).map((name) => name.padEnd(width)), ...rows.map(cells)]
    .map((line) => line.join('').trimEnd())
    .join('\n')
}
