import { FEW, indexBytes, nearestQuery, type Method, type Subject } from './method.js'

/** pgvector's graph of neighbours, m = 16, by the `ef_construction` it is built with. */
export function hnsw(efConstruction: number): Method {
  const build = async ({ client, table }: Subject) => {
    await client.query(
      `create index on ${table} using hnsw (v vector_l2_ops)
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
      [10, 20, 40, 80, 160, 240, 320, 400, 640].map((ef) => ({
        name: `ef_search=${ef}`,
        session: [`set hnsw.ef_search = ${ef}`],
        ...nearestQuery(subject),
      })),
  }
}
