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
  type QueryId,
  type RawBuilder,
  type ReferenceNode,
} from 'kysely'
import { LshError } from '../core/errors.js'

/** Columns of the rows found that their table does not have. */
const FOUND: readonly string[] = ['distance', 'hamming', 'query']

/** What finds the rows of a query: among all, or among those that pass conditions which are put into its slots. */
export type Source = (filtered: boolean) => RawBuilder<unknown>

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

/**
 * Hands the conditions of a query over the rows found (`near`) to the search that finds them: they choose what is
 * searched, and not what is left of it. Those on the distance stay where they are, since only what was found has one.
 *
 * @param plugins those of the database, through which the search goes as the rest of the query did
 */
export function pushConditions(source: Source, plugins: readonly KyselyPlugin[]): KyselyPlugin {
  return plugin((query, queryId) => {
    const conditions = conjuncts(query.where?.where).filter((one) => !mentionsFound(one))
    if (conditions.length === 0) return query
    return { ...query, from: searching(source, { plugins, conditions, query, queryId }) }
  })
}

/** The same where the conditions go nowhere else: what comes of the search is no row of the table. */
export function moveConditions(source: Source, plugins: readonly KyselyPlugin[]): KyselyPlugin {
  return plugin((query, queryId) => {
    const conditions = conjuncts(query.where?.where)
    if (conditions.some(mentionsFound)) {
      throw new LshError('bad_usage', 'conditions on the distance choose no rows to search', {
        hint: 'Leave out conditions on near.distance and near.hamming here.',
      })
    }
    const { kind, from, selections } = query
    const within = from && { from }
    return {
      kind,
      ...(selections && { selections }),
      ...(conditions.length === 0
        ? within
        : { from: searching(source, { plugins, conditions, query, queryId }) }),
    }
  })
}

function plugin(
  change: (query: SelectQueryNode, queryId: QueryId) => SelectQueryNode,
): KyselyPlugin {
  return {
    transformQuery: ({ node, queryId }) =>
      SelectQueryNode.is(node) ? change(node, queryId) : node,
    transformResult: ({ result }) => Promise.resolve(result),
  }
}

interface Pushed {
  readonly plugins: readonly KyselyPlugin[]
  readonly conditions: readonly OperationNode[]
  readonly query: SelectQueryNode
  readonly queryId: QueryId
}

/** The filtered search, its slots filled with the joins and conditions of the query. */
function searching(source: Source, { plugins, conditions, query, queryId }: Pushed): FromNode {
  const alone: SelectQueryNode = {
    kind: 'SelectQueryNode',
    from: FromNode.create([
      AliasNode.create(source(true).toOperationNode(), IdentifierNode.create('near')),
    ]),
  }
  const { from } = plugins.reduce(
    (node, each) => each.transformQuery({ node, queryId }) as SelectQueryNode,
    alone,
  )
  const fill = (one: SelectQueryNode): SelectQueryNode => {
    const all = [...conjuncts(one.where?.where), ...conditions]
    return {
      ...one,
      ...(query.joins && { joins: query.joins }),
      where: WhereNode.create(all.reduce((left, right) => AndNode.create(left, right))),
    }
  }
  return FromNode.create((from as FromNode).froms.map((node) => filled(node, fill)))
}

function filled(
  node: OperationNode,
  fill: (slot: SelectQueryNode) => SelectQueryNode,
): OperationNode {
  if (SelectQueryNode.is(node)) return fill(node)
  if (AliasNode.is(node)) return AliasNode.create(filled(node.node, fill), node.alias)
  if (!RawNode.is(node)) return node
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
