import type { SqlFunction, ValueOf } from './sql-values.js'

const COMPARED = {
  k: 'int',
  overlap: 'int',
  dice: 'float8?',
  jaccard: 'float8?',
  recall: 'float8?',
  code_loss: 'float8?',
  bucket_loss: 'float8?',
  visited_share: 'float8?',
} as const

const SEARCHED = {
  index: 'text',
  query: 'vector',
  'exclude?': 'text[]',
  'filter?': 'jsonb',
  'allowed?': 'text[]',
} as const

/**
 * SQL functions without a client function of their own, which `callSql` calls. Names are those of SQL; a test compares
 * them with the catalogue.
 */
export const SQL_FUNCTIONS = {
  'cbir.create_space': {
    takes: {
      name: 'text',
      dims: 'int',
      'encoder?': 'text',
      'parts?': 'jsonb',
      'pooling?': 'jsonb',
    },
    gives: 'text',
  },
  'cbir.delete_items': { takes: { items: 'int[]' }, gives: 'void' },
  'cbir.delete_plan': { takes: { plan: 'int' }, gives: 'void' },
  'cbir.distribute_space': { takes: { space: 'text', 'shards?': 'int' }, gives: 'int' },
  'cbir.drop_space': { takes: { space: 'text' }, gives: 'void' },
  'cbir.encoders_of': { takes: { space: 'text' }, gives: 'int[]' },
  'cbir.grant_reader': { takes: { role: 'name' }, gives: 'void' },
  'cbir.plan_id': { takes: { key: 'text' }, gives: 'int' },
  'cbir.plan_space': { takes: { plan: 'int' }, gives: 'text' },
  'cbir.revoke_reader': { takes: { role: 'name' }, gives: 'void' },
  'cbir.undistribute_space': { takes: { space: 'text' }, gives: 'void' },
  'lsh.build_index': { takes: { index: 'text', 'batch?': 'int' }, gives: 'void' },
  'lsh.calibrate': {
    takes: {
      relation: 'regclass',
      column: 'name',
      'k?': 'int',
      'sample?': 'int',
      'seed?': 'int',
      'kind?': 'text',
      'bandwidth?': 'float8',
    },
    gives: {
      sampled: 'int',
      radius: 'float8?',
      mean_distance: 'float8?',
      contrast: 'float8?',
      bandwidth: 'float8?',
      curve: 'jsonb',
      best_kind: 'text',
      dice: 'jsonb',
    },
  },
  'lsh.compact_index': { takes: { index: 'text' }, gives: 'void' },
  'lsh.compare': {
    takes: {
      index: 'text',
      queries: 'text[]',
      'ks?': 'int[]',
      'candidates?': 'int',
      'probes?': 'int',
      'excludes?': 'jsonb',
      'stage?': 'text',
      'ranking?': 'text',
    },
    gives: { query: 'text', ...COMPARED },
  },
  'lsh.distribute': { takes: { index: 'text', 'shards?': 'int' }, gives: 'int' },
  'lsh.drop_family': { takes: { family: 'text' }, gives: 'void' },
  'lsh.drop_index': { takes: { name: 'text' }, gives: 'void' },
  'lsh.expected_hamming': {
    takes: {
      kind: 'text',
      distance: 'float8',
      'bandwidth?': 'float8',
      'mean_distance?': 'float8',
      'levels?': 'int',
    },
    gives: 'float8?',
  },
  'lsh.explain_search': {
    takes: {
      ...SEARCHED,
      'k?': 'int',
      'candidates?': 'int',
      'probes?': 'int',
      'stage?': 'text',
      'ranking?': 'text',
    },
    gives: {
      chosen_stage: 'text',
      chosen_ranking: 'text?',
      buckets: 'int?',
      visited: 'int?',
      reranked: 'int?',
      exhausted: 'boolean',
      plan_ms: 'float8?',
      hash_ms: 'float8?',
      candidate_ms: 'float8?',
      search_ms: 'float8',
      passing: 'float8?',
      tested: 'int?',
    },
  },
  'lsh.explain_within': {
    takes: { ...SEARCHED, radius: 'float8', 'max_rows?': 'int' },
    gives: {
      proof: 'text',
      codes: 'int?',
      in_reach: 'int?',
      verified: 'int?',
      rows: 'int',
      search_ms: 'float8',
    },
  },
  'lsh.family_checksum': { takes: { family: 'text' }, gives: 'text' },
  'lsh.grant_create': { takes: { role: 'name' }, gives: 'void' },
  'lsh.grant_search': { takes: { index: 'text', role: 'name' }, gives: 'void' },
  'lsh.index_of': { takes: { relation: 'regclass' }, gives: 'text' },
  'lsh.index_stats': {
    takes: { index: 'text' },
    gives: {
      family: 'text',
      kind: 'text',
      bits: 'int',
      state: 'text',
      stage: 'text?',
      rows: 'bigint',
      codes: 'bigint',
      code_bytes: 'bigint',
      family_bytes: 'bigint',
      buckets: 'int',
      buckets_used: 'int',
      largest_bucket: 'int?',
      skew: 'float8?',
      correlation: 'real?',
      probes: 'int',
      candidates: 'int',
      expected_visited: 'bigint',
    },
  },
  'lsh.maintain': {
    takes: { 'index?': 'text', 'sample?': 'int' },
    gives: { name: 'text', finding: 'text', advice: 'text?', command: 'text?' },
  },
  'lsh.mend_index': { takes: { index: 'text' }, gives: 'void' },
  'lsh.reindex': { takes: { index: 'text', family: 'text', 'build?': 'text' }, gives: 'text' },
  'lsh.revoke_search': { takes: { index: 'text', role: 'name' }, gives: 'void' },
  'lsh.switch_index': { takes: { index: 'text', successor: 'text' }, gives: 'void' },
  'lsh.tune': {
    takes: { index: 'text', 'recall?': 'float8', 'k?': 'int', 'sample?': 'int', 'seed?': 'int' },
    gives: {
      probes: 'int',
      candidates: 'int',
      reached: 'float8',
      visited: 'float8',
      chosen: 'boolean',
    },
  },
  'lsh.undistribute': { takes: { index: 'text' }, gives: 'void' },
  'lsh.verify_index': {
    takes: { index: 'text', 'repair?': 'boolean' },
    gives: { key: 'text', problem: 'text' },
  },
} as const satisfies Readonly<Record<string, SqlFunction>>

/** Name of a function that `callSql` calls. */
export type SqlFunctionName = keyof typeof SQL_FUNCTIONS

type Takes<F extends SqlFunctionName> = (typeof SQL_FUNCTIONS)[F]['takes']
type Gives<F extends SqlFunctionName> = (typeof SQL_FUNCTIONS)[F]['gives']

/** Arguments of a function, by their names in SQL. */
export type SqlArguments<F extends SqlFunctionName> = {
  [N in keyof Takes<F> as N extends `${string}?` ? never : N]: ValueOf<Takes<F>[N]>
} & {
  [N in keyof Takes<F> as N extends `${infer Name}?` ? Name : never]?: ValueOf<Takes<F>[N]>
}

/** Result of a function: its value or its rows. */
export type SqlResult<F extends SqlFunctionName> =
  Gives<F> extends string
    ? ValueOf<Gives<F>>
    : { -readonly [N in keyof Gives<F>]: ValueOf<Gives<F>[N]> }[]
