import {
  AliasNode,
  AndNode,
  ExpressionWrapper,
  FromNode,
  IdentifierNode,
  ParensNode,
  RawNode,
  SelectionNode,
  SelectQueryNode,
  sql,
  WhereNode,
  type KyselyPlugin,
  type OperationNode,
  type RawBuilder,
  type ReferenceNode,
} from 'kysely'
import { LshError } from '../core/errors.js'

/** Columns of the rows found that their table does not have. */
const FOUND: readonly string[] = ['distance', 'hamming', 'query']

/**
 * Place in a search for the keys of the rows that may be returned: those of the whole table, until `pushConditions`
 * puts joins and conditions to them. Other plugins see it as the part of the query that it is.
 */
export function allowedSlot(table: string, key: string): RawBuilder<string[]> {
  const text = sql`${sql.ref(`near.${key}`)}::text`.toOperationNode()
  const keys: SelectQueryNode = {
    kind: 'SelectQueryNode',
    from: FromNode.create([sql`${sql.table(table)} as ${sql.id('near')}`.toOperationNode()]),
    selections: [SelectionNode.create(AliasNode.create(text, IdentifierNode.create('key')))],
  }
  return sql`array${new ExpressionWrapper(keys)}`
}

/**
 * Hands the conditions of a query over the rows found (`near`) to the search that finds them: they choose what is
 * searched, and not what is left of it. Those on the distance stay where they are, since only what was found has one.
 */
export const pushConditions = plugin((query) => ({ ...query, ...pushed(query) }))

/** The same where the conditions go nowhere else: what comes of the search is no row of the table. */
export const moveConditions = plugin((query) => {
  if (conjuncts(query.where?.where).some(mentionsFound)) {
    throw new LshError('bad_usage', 'conditions on the distance choose no rows to search', {
      hint: 'Leave out conditions on near.distance and near.hamming here.',
    })
  }
  const { kind, selections } = query
  return { kind, ...(selections && { selections }), ...pushed(query) }
})

function plugin(change: (query: SelectQueryNode) => SelectQueryNode): KyselyPlugin {
  return {
    transformQuery: ({ node }) => (SelectQueryNode.is(node) ? change(node) : node),
    transformResult: ({ result }) => Promise.resolve(result),
  }
}

/** The search of a query with the query's conditions in it. */
function pushed({ from, joins, where }: SelectQueryNode): Pick<SelectQueryNode, 'from'> {
  if (!from) return {}
  const [first, ...others] = conjuncts(where?.where).filter((one) => !mentionsFound(one))
  const fill = (keys: SelectQueryNode) =>
    first && {
      ...keys,
      ...(joins && { joins }),
      where: WhereNode.create(others.reduce((all, one) => AndNode.create(all, one), first)),
    }
  return { from: FromNode.create(from.froms.map((source) => filled(source, fill))) }
}

/** A search with its slot filled, or with null in its place, which lets all rows pass. */
function filled(
  node: OperationNode,
  fill: (keys: SelectQueryNode) => SelectQueryNode | undefined,
): OperationNode {
  if (AliasNode.is(node)) return AliasNode.create(filled(node.node, fill), node.alias)
  if (!RawNode.is(node)) return node
  const [keys] = node.parameters
  if (node.sqlFragments[0] === 'array' && keys && SelectQueryNode.is(keys)) {
    const filtered = fill(keys)
    return filtered ? RawNode.create(node.sqlFragments, [filtered]) : RawNode.createWithSql('null')
  }
  return RawNode.create(
    node.sqlFragments,
    node.parameters.map((parameter) => filled(parameter, fill)),
  )
}

function conjuncts(node: OperationNode | undefined): OperationNode[] {
  if (!node) return []
  if (AndNode.is(node)) return [...conjuncts(node.left), ...conjuncts(node.right)]
  return ParensNode.is(node) && AndNode.is(node.node) ? conjuncts(node.node) : [node]
}

/** Whether a condition names a column of the rows found, as `near.distance` or `distance`. */
function mentionsFound(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(mentionsFound)
  if (typeof part !== 'object' || part === null) return false
  if (isReference(part)) {
    const table = part.table?.table.identifier.name
    const { column } = part
    return (
      (table === undefined || table === 'near') &&
      column.kind === 'ColumnNode' &&
      FOUND.includes(column.column.name)
    )
  }
  return 'kind' in part && Object.values(part).some(mentionsFound)
}

function isReference(part: object): part is ReferenceNode {
  return (part as OperationNode).kind === 'ReferenceNode'
}
