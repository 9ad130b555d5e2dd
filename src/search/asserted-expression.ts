import { isExpression } from 'kysely'
import { refuseArgument } from '../core/arguments.js'

/**
 * An expression that can take the place of a column. It must come from a query builder, because a text would be a
 * value.
 */
const COLUMN = `Name a column by the builder of the query: (eb) => l2Distance(eb.ref('embedding'), vector).`

/** @throws LshError `bad_usage` unless it is an expression of Kysely */
export function assertExpression(name: string, value: unknown): void {
  if (!isExpression(value)) refuseArgument(name, value, 'an expression', COLUMN)
}

/** @throws LshError `bad_usage` unless it is an expression of Kysely, null, or a value of a kind */
export function assertOperand(
  name: string,
  value: unknown,
  { wanted, is, hint }: { wanted: string; is: (value: unknown) => boolean; hint: string },
): void {
  if (value === null || isExpression(value) || is(value)) return
  refuseArgument(name, value, `an expression or ${wanted}`, hint)
}

/** How `assertOperand` checks each kind of value. */
export const VECTOR = {
  wanted: 'a Float32Array',
  is: (value: unknown) => value instanceof Float32Array,
  hint: 'Make it one: "Float32Array.from(numbers)", or "vector(numbers)", which checks them.',
}
export const CODE = {
  wanted: 'a code',
  is: (value: unknown) =>
    typeof value === 'object' && value !== null && 'bits' in value && 'bytes' in value,
  hint: 'Make it one: "codeFromText(digits)", or "encodeVector(family, vector)".',
}
export const SET = {
  wanted: 'an array',
  is: (value: unknown) => Array.isArray(value),
  hint: 'Give the elements of the set: [1, 2, 3].',
}

/** @throws LshError `bad_usage` unless a condition on what is searched is a function, or left out */
export function assertCondition(where: unknown, row: 'plan' | 'slice'): void {
  if (where === undefined || typeof where === 'function') return
  refuseArgument(
    'where',
    where,
    'a function',
    `Write it as (${row}) => ${row}('site', '=', 'head and neck').`,
  )
}
