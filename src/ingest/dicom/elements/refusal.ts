import { LshError } from '../../../core/errors.js'

/** Throws the error that refuses a file. The default hint fits most files. */
export type Refuse = (problem: string, hint?: string) => never

const copyAgain =
  'Export or copy the file again; if the error persists, the file was written damaged.'

/**
 * Returns a function that refuses a file, or one of its attributes. The problem must never quote text of the file: in a
 * damaged file, the name of a patient may stand where a number belongs.
 */
export function refusal(name: string, label?: string): Refuse {
  const subject = label === undefined ? name : `${name}: ${label}`
  return (problem, hint = copyAgain) => {
    throw new LshError('bad_input', `${subject} ${problem}`, { hint })
  }
}
