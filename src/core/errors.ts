/**
 * Kinds of errors on which a caller may branch. The `LSH…` codes are also the SQLSTATEs that the database functions
 * raise.
 */
export type LshErrorCode =
  /** A hash family, index or space that does not exist. */
  | 'LSH01'
  /** A code or vector with another length than the family. */
  | 'LSH02'
  /** Something is used before it was fitted, trained or filled. */
  | 'LSH03'
  /** A file that is not valid for its format. */
  | 'bad_input'
  /** Invalid arguments or options. */
  | 'bad_usage'
  /** The database refused a statement, or does not fit this version. */
  | 'database'
  /** Another process has the embedded database open. */
  | 'locked'
  /** No numerical back end could be started. */
  | 'backend'
  /** A training that failed to learn. */
  | 'training'

/** Every error that this package raises on purpose: a message with values, and a hint that says what to do. */
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
