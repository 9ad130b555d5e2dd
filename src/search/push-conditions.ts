import {
  AliasNode,
  AndNode,
  createQueryId,
  FromNode,
  IdentifierNode,
  ParensNode,
  RawNode,
  SelectionNode,
  SelectQueryNode,
  WhereNode,
  type Expression,
  type KyselyPlugin,
  type OperationNode,
  type QueryId,
  type RawBuilder,
  type ReferenceNode,
} from 'kysely'
import { LshError } from '../core/errors.js'
import type { AnyQuery, Asked } from './nearest-arguments.js'
import { plainFilter, type SearchedRows } from './plain-filter.js'

/**
 * The source of the rows of a query. It is inserted when the query is compiled, since the conditions are known only
 * then.
 */
export interface Source {
  /** Builds the search among the given rows. */
  readonly rows: (among: SearchedRows) => RawBuilder<unknown>
  /** Columns that the search adds to those of the table. */
  readonly adds: readonly string[]
}

/** Arguments of `nearest`, and the query made from them. */
export interface Origin {
  readonly search: AskedSearch
  readonly query: SelectQueryNode
  readonly plugins: readonly KyselyPlugin[]
}

/** A search of `nearest` that other functions can run too. */
export interface AskedSearch {
  readonly query: AnyQuery
  readonly asked: Asked
}

const origins = new WeakMap<OperationNode, Origin>()

/** Origin of a query that `nearest` made; undefined for any other query. */
export function originOf(query: Expression<unknown>): Origin | undefined {
  // Callers without types may pass anything.
  const { toOperationNode } = (query as Partial<Expression<unknown>> | null | undefined) ?? {}
  return typeof toOperationNode === 'function' ? origins.get(query.toOperationNode()) : undefined
}

/**
 * Moves the conditions of a query on the rows found (`near`) into the search, so that they choose which rows are
 * searched instead of filtering the results. Conditions on the distance stay where they are, because only rows found
 * have one.
 *
 * @param plugins plugins of the database, which apply to the search as to the rest of the query
 * @param search the part of the origin that `originOf` returns
 */
export function pushConditions(
  source: Source,
  plugins: readonly KyselyPlugin[],
  search?: AskedSearch,
): KyselyPlugin {
  return {
    transformQuery({ node, queryId }) {
      if (!SelectQueryNode.is(node)) return node
      const mentions = (part: unknown) => mentionsFound(part, source.adds)
      const conditions = conjuncts(node.where?.where).filter((one) => !mentions(one))
      if (conditions.length > 0 && node.joins?.some(mentions)) throw onDistance('joins')
      const among = searchedRows(conditions, node.joins)
      const from = searching(source, { plugins, among, conditions, query: node, queryId })
      const searched: SelectQueryNode = { ...node, from }
      if (search) origins.set(searched, { search, query: node, plugins })
      return searched
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
}

/**
 * Selects columns of a search that contains the joins and conditions of a query; they are not applied to its results.
 */
export function movedConditions(
  source: Source,
  { query, plugins }: Origin,
  columns: readonly { toOperationNode(): AliasNode }[],
): SelectQueryNode {
  const { joins = [] } = query
  const conditions = conjuncts(query.where?.where)
  for (const [what, parts] of Object.entries({ conditions, joins }))
    if (parts.some((part) => mentionsFound(part, source.adds))) throw onDistance(what)
  // These rows are not joined again, so that joins alone choose rows too.
  const joinsAlone = conditions.length === 0 && joins.length > 0
  const among = joinsAlone ? 'passing' : searchedRows(conditions, joins)
  const queryId = createQueryId()
  return {
    kind: 'SelectQueryNode',
    from: searching(source, { plugins, among, conditions, query, queryId }),
    selections: columns.map((column) => SelectionNode.create(column.toOperationNode())),
  }
}

function searchedRows(
  conditions: readonly OperationNode[],
  joins: readonly OperationNode[] = [],
): SearchedRows {
  if (conditions.length === 0) return 'all'
  return (joins.length === 0 ? plainFilter(conditions) : undefined) ?? 'passing'
}

function onDistance(what: string): LshError {
  return new LshError(
    'bad_usage',
    `${what} on the distance cannot restrict which rows are searched`,
    {
      hint: 'Put them into a query around this one: db.selectFrom(nearest(…).selectAll().as("found")).',
    },
  )
}

interface Pushed {
  readonly plugins: readonly KyselyPlugin[]
  readonly among: SearchedRows
  readonly conditions: readonly OperationNode[]
  readonly query: SelectQueryNode
  readonly queryId: QueryId
}

/** Builds the search and fills its slots with the joins and conditions of the query. */
function searching(
  source: Source,
  { plugins, among, conditions, query, queryId }: Pushed,
): FromNode {
  const alone: SelectQueryNode = {
    kind: 'SelectQueryNode',
    from: FromNode.create([
      AliasNode.create(source.rows(among).toOperationNode(), IdentifierNode.create('near')),
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
      ...(all.length > 0 && {
        where: WhereNode.create(all.reduce((left, right) => AndNode.create(left, right))),
      }),
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

/** Whether a part of a query names a column of the rows found: `near.distance`, or `distance` outside of subqueries. */
function mentionsFound(part: unknown, adds: readonly string[], nested = false): boolean {
  if (Array.isArray(part)) return part.some((one) => mentionsFound(one, adds, nested))
  if (typeof part !== 'object' || part === null) return false
  const node = part as OperationNode
  if (node.kind === 'ReferenceNode') {
    const { table, column } = part as ReferenceNode
    const ours = table ? table.table.identifier.name === 'near' : !nested
    return ours && column.kind === 'ColumnNode' && adds.includes(column.column.name)
  }
  const raw = RawNode.is(node) ? node.sqlFragments.join('?') : ''
  if (adds.some((name) => new RegExp(`\\bnear"?\\."?${name}\\b`).test(raw))) return true
  const inside = nested || SelectQueryNode.is(node)
  return 'kind' in part && Object.values(part).some((one) => mentionsFound(one, adds, inside))
}
