import { indexBytes, nearestQuery, type Method } from './method.js'

/** pgvector's lists by k-means: rows / 1000 of them, as its documentation has it up to a million rows. */
export const ivfflat: Method = {
  name: 'ivfflat',
  indexed: true,
  build: async ({ client, table, type, rows }) => {
    const lists = Math.max(1, Math.round(rows / 1000))
    await client.query(
      `create index on ${table} using ivfflat (v ${type}_l2_ops) with (lists = ${lists})`,
    )
  },
  bytes: indexBytes,
  settings: (subject) =>
    [1, 2, 4, 8, 16, 32, 64].map((probes) => ({
      name: `probes=${probes}`,
      session: [`set ivfflat.probes = ${probes}`],
      ...nearestQuery(subject),
    })),
}
