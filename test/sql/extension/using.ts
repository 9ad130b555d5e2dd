/** A small table with an index, and what is to be found in it, on every road to a database. */
import { rowsOf, type Asked } from '../asking.js'

/** Makes the table, a family and an index; a unique column besides the key, since dumps bring constraints by name. */
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

/** Kinds of family, besides the sign of `fill`, of which a release keeps an index each. */
export const KINDS = ['kernel', 'cosine', 'qary', 'residual'] as const

/** What is found in a database that a release has kept. */
export async function allFindings(asked: Asked): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of ['document', ...KINDS]) found[name] = await findings(asked, name)
  return found
}

/** Rows that searches of an index find, stage by stage, and what is wrong with its codes. */
export async function findings(asked: Asked, name = 'document'): Promise<unknown> {
  const found: Record<string, unknown> = {}
  for (const stage of ['scan', 'buckets', 'exact'])
    found[stage] = await rowsOf(
      asked,
      // Another build of pgvector adds in another order.
      `select key, round(distance::numeric, 5)::float8 as distance from lsh.search('${name}', '[1,2,3]', k => 5, stage => '${stage}')`,
    )
  found.problems = await rowsOf(asked, `select * from lsh.verify_index('${name}')`)
  found.codes = await rowsOf(
    asked,
    `select key, code::text, bucket from lsh_index.${name} order by key`,
  )
  return found
}

/** Writes the table in all ways, and says what is wrong with the codes afterwards. */
export async function write(asked: Asked, name = 'document'): Promise<unknown> {
  await rowsOf(asked, `insert into ${name} values (100001, 'new', '[1,2,3]')`)
  await rowsOf(asked, `update ${name} set embedding = '[3,2,1]' where id = 1`)
  await rowsOf(asked, `delete from ${name} where id = 2`)
  return rowsOf(asked, `select * from lsh.verify_index('${name}')`)
}
