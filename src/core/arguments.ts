import { LshError } from './errors.js'

/** Describes the type of a value without revealing its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Promise) return 'a promise'
  const { name = '' } = (value.constructor as { name?: string } | undefined) ?? {}
  if (name === '' || name === 'Object') return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

/** @throws LshError `bad_usage`, always: an argument is invalid */
export function refuseArgument(name: string, value: unknown, wanted: string, hint: string): never {
  throw new LshError('bad_usage', `${name} must be ${wanted}, not ${kindOf(value)}`, {
    hint: value instanceof Promise ? `Wait for it first: "await" stands before it.` : hint,
  })
}

/** @throws LshError `bad_usage` unless it is a text that is not empty */
export function assertText(name: string, value: unknown, hint = `Give ${name}.`): void {
  if (typeof value !== 'string' || value === '') refuseArgument(name, value, 'a text', hint)
}

/** @throws LshError `bad_usage` unless it is an object and not an array */
export function assertRecord(name: string, value: unknown, hint: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuseArgument(name, value, 'an object', hint)
}

/** Checks the options of a caller. @throws LshError `bad_usage` for what are no options, or none of these */
export function assertOptions(value: unknown, names: readonly string[]): void {
  assertRecord('the last argument', value, `Give options: { ${names.join(', ')} }.`)
  const unknown = Object.keys(value as object).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new LshError('bad_usage', `there is no option "${unknown}"`, {
    hint: `The options are ${names.join(', ')}.`,
  })
}

/** @throws LshError `bad_usage` unless it is an array */
export function assertList(name: string, value: unknown, hint: string): void {
  if (!Array.isArray(value)) refuseArgument(name, value, 'an array', hint)
}

/** @throws LshError `bad_usage` unless it is a `Float32Array` */
export function assertVector(name: string, value: unknown): void {
  if (value instanceof Float32Array) return
  refuseArgument(
    name,
    value,
    'a Float32Array',
    Array.isArray(value) || ArrayBuffer.isView(value)
      ? 'Make it one: "Float32Array.from(numbers)", or "vector(numbers)", which checks them.'
      : 'Give a vector: "vector([0.1, 0.9, 3])".',
  )
}

/** @throws LshError `bad_usage` unless it is an array of numbers, typed or plain */
export function assertNumbers(name: string, value: unknown): asserts value is ArrayLike<number> {
  const numbers = Array.isArray(value) && value.every((one) => typeof one === 'number')
  const typed =
    ArrayBuffer.isView(value) &&
    !(
      value instanceof DataView ||
      value instanceof BigInt64Array ||
      value instanceof BigUint64Array
    )
  if (!numbers && !typed) assertVector(name, value)
}

/** @throws LshError `bad_usage` unless it must be a whole number from `least` to the largest int of PostgreSQL */
export function assertWhole(name: string, value: unknown, least: number, hint: string): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) < 2 ** 31) return
  const shown = typeof value === 'number' ? value : kindOf(value)
  throw new LshError(
    'bad_usage',
    `${name} must be a whole number from ${least} to 2147483647, not ${shown}`,
    { hint },
  )
}

/** @throws LshError `bad_usage` unless it is one of these words, or left out */
export function assertOneOf(name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.includes(value as string)) return
  refuseArgument(
    name,
    value,
    `one of ${words.join(', ')}`,
    'Use one of them, or leave it out for the default.',
  )
}

/** @throws LshError `bad_usage` unless it is true, false or left out */
export function assertFlag(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  refuseArgument(name, value, 'true or false', 'Leave it out for the default.')
}
