import { FEW, indexBytes, K, type Method, type Subject } from './method.js'

/**
 * The method of pgvector's documentation: an HNSW graph over the signs of the elements, with re-ranking.
 * It cannot work if no element is negative, since all codes are then equal.
 */
export const binaryQuantize: Method = {
  name: 'binary_quantize',
  indexed: true,
  build,
  bulk: [{ name: 'copy', build, rows: FEW }],
  bytes: indexBytes,
  settings: ({ table, type, dims }) =>
    [50, 100, 200, 400, 800].map((candidates) => ({
      name: `candidates=${candidates}`,
      session: [`set hnsw.ef_search = ${candidates}`],
      text: `select id
        from (
          select id, v
          from ${table}
          order by binary_quantize(v)::bit(${dims}) <~> binary_quantize($1::${type}(${dims}))
          limit ${candidates}
        ) as candidate
        order by v <-> $1::${type}(${dims})
        limit ${K}`,
      values: (text) => [text],
    })),
}

async function build({ client, table, dims }: Subject): Promise<void> {
  await client.query(
    `create index on ${table} using hnsw ((binary_quantize(v)::bit(${dims})) bit_hamming_ops)`,
  )
  // An index over an expression has statistics of its own.
  await client.query(`analyze ${table}`)
}
