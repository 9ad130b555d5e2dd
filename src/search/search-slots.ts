import {
  AliasNode,
  ExpressionWrapper,
  FromNode,
  IdentifierNode,
  OffsetNode,
  SelectionNode,
  sql,
  WhereNode,
  type RawBuilder,
  type SelectQueryNode,
} from 'kysely'

/** Placeholder for the search in a query over its rows; the plugin replaces it. */
export const searchPlace = sql`lsh_search`

/** Slot for the keys of the rows that pass the conditions of a query. */
export function passingKeys(table: string, key: string): RawBuilder<string[]> {
  // "offset 0" keeps Citus from sending the search itself to the shards of what is listed here.
  return sql`array${slot(table, sql`${sql.ref(`near.${key}`)}::text`, { offset: OffsetNode.create(sql`0`.toOperationNode()) })}`
}

/** Slot for whether the row of a key passes the conditions of a query. */
export function passes(
  table: string,
  key: string,
  value: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const where = sql`${sql.ref(`near.${key}`)} = ${value}`
  return sql`exists ${slot(table, sql`1`, { where: WhereNode.create(where.toOperationNode()) })}`
}

function slot(
  table: string,
  selected: RawBuilder<unknown>,
  parts: Pick<SelectQueryNode, 'where' | 'offset'>,
) {
  const query: SelectQueryNode = {
    kind: 'SelectQueryNode',
    from: FromNode.create([sql`${sql.table(table)} as ${sql.id('near')}`.toOperationNode()]),
    selections: [
      SelectionNode.create(
        AliasNode.create(selected.toOperationNode(), IdentifierNode.create('key')),
      ),
    ],
    ...parts,
  }
  return new ExpressionWrapper(query)
}
