import { LshError } from '../../../core/errors.js'

/** Ends the reading of a file. The hint has a default that fits most files. */
export type Refuse = (problem: string, hint?: string) => never

const copyAgain =
  'Export or copy the file again; if the error persists, the file was written damaged.'

/**
 * How a file, or one attribute of it, is refused. A problem never quotes what the file says as
 * text: in a damaged file the name of a patient may stand where a number belongs.
 */
export function refusal(name: string, label?: string): Refuse {
  const subject = label === undefined ? name : `${name}: ${label}`
  return (problem, hint = copyAgain) => {
    throw new LshError('bad_input', `${subject} ${problem}`, { hint })
  }
}
