/** A small table with an index, and the results of searching it. */
import { rowsOf, type Asked } from '../asking.js'

/** Creates the table, with a unique column since dumps order constraints by name, a family and an index. */
export async function fill(asked: Asked, name = 'document', rows = 300): Promise<void> {
  const ask = (text: string) => rowsOf(asked, text)
  await ask(
    `create table ${name} (id int primary key, label text, embedding vector(3), constraint a_${name} unique (label))`,
  )
  await ask(
    `insert into ${name} select i, 'label ' || i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, ${rows}) as i`,
  )
  await ask(
    `select lsh.create_family('${name}', '${name}', 'embedding', bits => 64, kind => 'sign', bucket_bits => 2)`,
  )
  await ask(`select lsh.create_index('${name}', 'embedding', '${name}')`)
}

/** Kinds of which a release stores an index, in addition to kind sign of `fill`. */
export const KINDS = ['kernel', 'cosine', 'qary', 'residual'] as const

/** Findings of all indexes in the stored database of a release. */
export async function allFindings(asked: Asked): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of ['document', ...KINDS]) found[name] = await findings(asked, name)
  return found
}

/** Rows that searches of an index find in each stage, its codes, and problems of the codes. */
export async function findings(asked: Asked, name = 'document'): Promise<unknown> {
  const found: Record<string, unknown> = {}
  for (const stage of ['scan', 'buckets', 'exact'])
    found[stage] = await rowsOf(
      asked,
      // Other builds of pgvector sum in a different order.
      `select key, round(distance::numeric, 5)::float8 as distance from lsh.search('${name}', '[1,2,3]', k => 5, stage => '${stage}')`,
    )
  found.problems = await rowsOf(asked, `select * from lsh.verify_index('${name}')`)
  found.codes = await rowsOf(
    asked,
    `select key, code::text, bucket from lsh_index.${name} order by key`,
  )
  return found
}

/** Inserts, updates and deletes rows; returns problems of the codes afterwards. */
export async function write(asked: Asked, name = 'document'): Promise<unknown> {
  await rowsOf(asked, `insert into ${name} values (100001, 'new', '[1,2,3]')`)
  await rowsOf(asked, `update ${name} set embedding = '[3,2,1]' where id = 1`)
  await rowsOf(asked, `delete from ${name} where id = 2`)
  return rowsOf(asked, `select * from lsh.verify_index('${name}')`)
}
