import {
  BinaryOperationNode,
  ColumnNode,
  OperatorNode,
  PrimitiveValueListNode,
  ReferenceNode,
  ValueNode,
  type OperationNode,
} from 'kysely'

/** A filter of `lsh.nearest`: for each column the values it may have, or its bounds. */
export type RowFilter = Readonly<Record<string, object>>

/** Which rows are searched: all, those that pass the conditions in the slots of the search, or those of a filter. */
export type SearchedRows = 'all' | 'passing' | RowFilter

const BOUNDS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

/**
 * The conditions of a query as a filter of the database, if each compares a column of the table with numbers or
 * booleans; otherwise undefined. With a filter, the search tests the rows of its candidates; any other condition must
 * list the keys of all rows that pass.
 *
 * Strings are left out, because PostgreSQL may read them differently in a function than in the session: dates depend on
 * `DateStyle`.
 */
export function plainFilter(conditions: readonly OperationNode[]): RowFilter | undefined {
  const filter = new Map<string, object>()
  for (const condition of conditions) {
    const test = plainTest(condition)
    if (!test) return undefined
    const { column, values } = test
    const other = filter.get(column)
    if (other && (Array.isArray(other) || Array.isArray(values) || shareBound(other, values)))
      return undefined
    filter.set(column, Array.isArray(values) ? values : { ...other, ...values })
  }
  return Object.fromEntries(filter)
}

function shareBound(one: object, other: object): boolean {
  return Object.keys(one).some((bound) => Object.hasOwn(other, bound))
}

function plainTest(condition: OperationNode): { column: string; values: object } | undefined {
  if (!BinaryOperationNode.is(condition)) return undefined
  const { leftOperand, operator, rightOperand } = condition
  const column = columnOf(leftOperand)
  if (column === undefined || !OperatorNode.is(operator)) return undefined
  if (operator.operator === 'in' && PrimitiveValueListNode.is(rightOperand)) {
    const { values } = rightOperand
    return values.length > 0 && values.every(isPlain) ? { column, values: [...values] } : undefined
  }
  const bound = BOUNDS[operator.operator]
  if (bound === undefined || !ValueNode.is(rightOperand) || !isPlain(rightOperand.value))
    return undefined
  return { column, values: { [bound]: rightOperand.value } }
}

function columnOf(node: OperationNode): string | undefined {
  if (!ReferenceNode.is(node) || !ColumnNode.is(node.column)) return undefined
  const table = node.table?.table
  const near = !table || (!table.schema && table.identifier.name === 'near')
  return near ? node.column.column.name : undefined
}

function isPlain(value: unknown): boolean {
  return typeof value === 'boolean' || Number.isFinite(value)
}
