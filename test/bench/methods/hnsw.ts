import { indexBytes, nearestQuery, type Method } from './method.js'

/** pgvector's graph of neighbours, m = 16, by the `ef_construction` it is built with. */
export function hnsw(efConstruction: number): Method {
  return {
    name: `hnsw-${efConstruction}`,
    indexed: true,
    build: async ({ client, table }) => {
      await client.query(
        `create index on ${table} using hnsw (v vector_l2_ops)
         with (m = 16, ef_construction = ${efConstruction})`,
      )
    },
    bytes: indexBytes,
    settings: (subject) =>
      [10, 20, 40, 80, 160, 240, 320, 400, 640].map((ef) => ({
        name: `ef_search=${ef}`,
        session: [`set hnsw.ef_search = ${ef}`],
        ...nearestQuery(subject),
      })),
  }
}
