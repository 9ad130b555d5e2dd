import { IdentifierNode, SchemableIdentifierNode, TableNode } from 'kysely'
import { LshError } from '../core/errors.js'
import { defaultKey } from './nearest-query.js'
import type { Queryable } from '../store/connection/database.js'
import { vectorParameters } from '../store/connection/vector-parameters.js'

/**
 * Resolves a table name as Kysely does: with `withSchema('app')`, `document` is the table of `app`. A search passes its
 * table to the database in a place that plugins do not visit, so it has to apply them.
 *
 * @throws LshError `bad_usage` if a plugin renames the table or the key, as CamelCasePlugin does: a search uses the
 *   names of the database
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

/** The node of a table name in a statement. */
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
