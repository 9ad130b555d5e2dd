import {
  AliasNode,
  ExpressionWrapper,
  FromNode,
  IdentifierNode,
  SelectionNode,
  sql,
  WhereNode,
  type RawBuilder,
  type SelectQueryNode,
} from 'kysely'

/** Stands for the search in a query over the rows it finds, until the plugin puts the search in. */
export const searchPlace = sql`lsh_search`

/** Slot for the keys of the rows that pass the conditions of a query. */
export function passingKeys(table: string, key: string): RawBuilder<string[]> {
  return sql`array${slot(table, sql`${sql.ref(`near.${key}`)}::text`)}`
}

/** Slot for whether the row of a key passes the conditions of a query. */
export function passes(
  table: string,
  key: string,
  value: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`exists ${slot(table, sql`1`, sql`${sql.ref(`near.${key}`)} = ${value}`)}`
}

function slot(table: string, selected: RawBuilder<unknown>, where?: RawBuilder<unknown>) {
  const query: SelectQueryNode = {
    kind: 'SelectQueryNode',
    from: FromNode.create([sql`${sql.table(table)} as ${sql.id('near')}`.toOperationNode()]),
    selections: [
      SelectionNode.create(
        AliasNode.create(selected.toOperationNode(), IdentifierNode.create('key')),
      ),
    ],
    ...(where && { where: WhereNode.create(where.toOperationNode()) }),
  }
  return new ExpressionWrapper(query)
}
