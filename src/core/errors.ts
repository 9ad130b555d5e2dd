/**
 * What went wrong, as far as a caller may want to branch on it. The `LSH…` codes are also the
 * SQLSTATEs that the database functions raise.
 */
export type LshErrorCode =
  /** A hash family, index or space that does not exist. */
  | 'LSH01'
  /** A code or vector of another length than the family has. */
  | 'LSH02'
  /** Something is used before it was fitted, trained or filled. */
  | 'LSH03'
  /** A file that cannot be read as what it claims to be. */
  | 'bad_input'
  /** Options that do not make sense together. */
  | 'bad_usage'
  /** The database refused, or is not what this version expects. */
  | 'database'
  /** Another process has the embedded database open. */
  | 'locked'
  /** No numerical back end could be started. */
  | 'backend'
  /** A training that did not learn. */
  | 'training'

/** Every error this package raises on purpose: a message with values, and a hint one can act on. */
export class LshError extends Error {
  override readonly name = 'LshError'
  readonly code: LshErrorCode
  readonly hint: string

  constructor(code: LshErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}
