import { IdentifierNode, SchemableIdentifierNode, TableNode } from 'kysely'
import { LshError } from '../core/errors.js'
import { defaultKey } from './nearest-query.js'
import type { Queryable } from '../store/connection/database.js'
import { vectorParameters } from '../store/connection/vector-parameters.js'

/**
 * The table that a Kysely means by a name: `withSchema('app')` makes `document` that of `app`. A search names its table to
 * the database where plugins do not look, so it has to ask them.
 *
 * @throws LshError `bad_usage` where a plugin renames the table or the key, as CamelCasePlugin does: the names of a
 *   search are those of the database
 */
export function tableOf<DB>(db: Queryable<DB>, table: string, given?: string): string {
  if (db.getExecutor().plugins.every((plugin) => plugin === vectorParameters)) return table
  const meant = meantBy(db, table)
  const named = meant?.schema === undefined ? table : `${meant.schema}.${meant.name}`
  const key = given ?? defaultKey(named)
  const column = meantBy(db, key)
  const plain = table.slice(table.indexOf('.') + 1)
  if (meant?.name !== plain || column?.name !== key)
    throw new LshError(
      'bad_usage',
      `a plugin renames ${meant?.name === plain ? `key "${key}"` : `table "${table}"`}`,
      {
        hint: 'Search without it, by the names of the database: "nearest(db.withoutPlugins(), …)".',
      },
    )
  return named
}

/** What stands in a statement for a name of a table. */
function meantBy<DB>(
  db: Queryable<DB>,
  name: string,
): { schema: string | undefined; name: string } | undefined {
  const [from] = db.selectFrom(name as never).toOperationNode().from?.froms ?? []
  if (from === undefined || !TableNode.is(from)) return undefined
  const { schema, identifier } = SchemableIdentifierNode.is(from.table) ? from.table : {}
  if (identifier === undefined || !IdentifierNode.is(identifier)) return undefined
  return { schema: schema?.name, name: identifier.name }
}
