import { LshError, type LshErrorCode } from './errors.js'

/** An error as plain data for another thread, because the class of an error is lost between threads. */
export interface ErrorParts {
  readonly name: string
  readonly message: string
  readonly code?: LshErrorCode
  readonly hint?: string
}

export function errorParts(error: unknown): ErrorParts {
  if (error instanceof LshError) {
    const { name, message, code, hint } = error
    return { name, message, code, hint }
  }
  if (error instanceof Error) return { name: error.name, message: error.message }
  return { name: 'Error', message: String(error) }
}

export function rebuiltError({ name, message, code, hint }: ErrorParts): Error {
  if (code !== undefined) return new LshError(code, message, { hint: hint ?? '' })
  return Object.assign(new Error(message), { name })
}
