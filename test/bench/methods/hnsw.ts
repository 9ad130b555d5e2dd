import { FEW, indexBytes, nearestQuery, type Method, type Subject } from './method.js'

/** Closely spaced, so that the latency at a given recall hardly depends on the choice of settings. */
const EF_SEARCH = [
  10, 14, 20, 28, 40, 56, 80, 112, 160, 200, 240, 280, 320, 400, 480, 560, 640, 800, 1000,
]

/** pgvector's HNSW index with m = 16 and the given `ef_construction`. */
export function hnsw(efConstruction: number): Method {
  const build = async ({ client, table, type }: Subject) => {
    await client.query(
      `create index on ${table} using hnsw (v ${type}_l2_ops)
       with (m = 16, ef_construction = ${efConstruction})`,
    )
  }
  return {
    name: `hnsw-${efConstruction}`,
    indexed: true,
    build,
    bulk: [{ name: 'copy', build, rows: FEW }],
    bytes: indexBytes,
    settings: (subject) =>
      EF_SEARCH.map((ef) => ({
        name: `ef_search=${ef}`,
        session: [`set hnsw.ef_search = ${ef}`],
        ...nearestQuery(subject),
      })),
  }
}
