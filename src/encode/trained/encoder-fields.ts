import { LshError } from '../../core/errors.js'

/** Hint for a folder that is not an encoder or is incomplete. */
export const HINT =
  'Export it again where it was trained: "pg-lsh encoder export NAME DIR", and copy all three files.'

/** The fields of a JSON object in a file, read with checks of their types. */
export interface Fields {
  readonly all: Readonly<Record<string, unknown>>
  /** Refuses any other value of a field. */
  is(name: string, wanted: string | number): void
  text(name: string): string
  number(name: string): number
  object(name: string): object
  list(name: string): readonly unknown[]
}

/**
 * Reads fields; errors name the field and the file.
 *
 * @throws LshError `bad_input`
 */
export function fieldsOf(place: string, value: unknown): Fields {
  if (!isObject(value)) throw broken(`${place} is not an object`)
  const field = <T>(name: string, is: (value: unknown) => value is T, what: string): T => {
    const found = value[name]
    if (is(found)) return found
    throw broken(`${place}: ${name} is ${found === undefined ? 'missing' : `not ${what}`}`)
  }
  return {
    all: value,
    is: (name, wanted) => {
      if (value[name] === wanted) return
      const found = name in value ? JSON.stringify(value[name]) : 'missing'
      throw broken(`${place}: ${name} is ${found}, not ${JSON.stringify(wanted)}`)
    },
    text: (name) => field(name, isText, 'a text'),
    number: (name) => field(name, isNumber, 'a number'),
    object: (name) => field(name, isObject, 'an object'),
    list: (name) => field(name, isList, 'a list'),
  }
}

/** @throws LshError `bad_input` if the text is not JSON. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw broken(`${file} is not JSON: ${(cause as Error).message}`, cause)
  }
}

function broken(message: string, cause?: unknown): LshError {
  return new LshError('bad_input', message, { hint: HINT, cause })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
