import { refuseArgument } from '../../core/arguments.js'
import { LshError } from '../../core/errors.js'

/** Location of a database: a server, or a directory of the embedded engine. */
export type Place =
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'directory'; readonly directory: string }

/** Schemes of PostgreSQL URLs, the same as in libpq. */
const SCHEMES: readonly string[] = ['postgres', 'postgresql']
const EXAMPLE = 'postgres://user:password@host:5432/database'

/**
 * Distinguishes a URL of PostgreSQL from a directory. It refuses texts that look like an address in another form,
 * because taking them for a directory would create an empty database.
 *
 * @throws LshError `bad_usage`; the message never shows more of the text than its scheme, since it may hold a password
 */
export function parsePlace(text: string): Place {
  if (typeof text !== 'string')
    refuseArgument(
      'the place of the database',
      text,
      'a text',
      `Give a URL, ${EXAMPLE}, or a directory.`,
    )
  if (text.trim() === '')
    throw refuse('the location of the database is empty', `Give a URL, ${EXAMPLE}, or a directory.`)
  if (/^["'\s]\s*postgres(ql)?:/i.test(text))
    throw refuse(
      'the URL of the database begins with a quote or a space',
      'Remove it; in environment files, such as those of Docker, quotes are part of the value.',
    )
  if (/^([\w.-]+|\[[\da-f:]+\]):\d+(\/|$)/i.test(text))
    throw refuse(
      'a host and a port are not a URL',
      `Put "postgres://" before them: ${EXAMPLE}. Write a directory of that name with "./" before it.`,
    )
  if (/^(host|hostaddr|port|dbname|user|password|service)\s*=/i.test(text))
    throw refuse(
      'connection strings of keywords and values are not supported',
      `Write a URL: ${EXAMPLE}.`,
    )
  // A single letter is a Windows drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return { kind: 'directory', directory: text }
  if (!SCHEMES.includes(scheme)) throw otherScheme(scheme)
  const rest = text.slice(scheme.length + 1)
  if (!rest.startsWith('//'))
    throw refuse(
      `the URL of the database lacks the two slashes after "${scheme}:"`,
      `It looks like ${EXAMPLE}.`,
    )
  return { kind: 'server', url: `${scheme}:${rest}` }
}

function otherScheme(scheme: string): LshError {
  const directory = `Write a directory of that name with "./" before it.`
  switch (scheme) {
    case 'file':
      return refuse(
        'a directory cannot be given as a file URL',
        'Give its path alone: --db /data/plans.',
      )
    case 'jdbc':
      return refuse(
        'a JDBC URL is not supported',
        `Leave out "jdbc:", and put user and password before the host: ${EXAMPLE}.`,
      )
    default:
      return refuse(
        `"${scheme}:" is not a supported database`,
        scheme.startsWith('postg')
          ? `Write "postgres": ${EXAMPLE}. ${directory}`
          : `Use PostgreSQL, ${EXAMPLE}, or a directory. ${directory}`,
      )
  }
}

function refuse(message: string, hint: string): LshError {
  return new LshError('bad_usage', message, { hint })
}
