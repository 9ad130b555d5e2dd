import type { Comment } from 'typedoc'

/** The SQL that a comment shows: fenced blocks and inline statements. */
export function sqlOf(comment: Comment | undefined): string[] {
  const codes = comment?.summary.filter(({ kind }) => kind === 'code') ?? []
  return codes.flatMap(({ text }) => {
    const [, sql] =
      /^```sql\n([^]*)\n```$/.exec(text) ??
      /^`((?:select|insert|update|delete|call) [^]*)`$/.exec(text) ??
      []
    return sql === undefined ? [] : [sql]
  })
}

/**
 * Whether SQL in a comment matches compiled SQL. "…" matches anything, and a placeholder matches any other,
 * with or without a cast. White space and unnecessary quotes of names do not matter.
 */
export function matchesSql(shown: string, compiled: string): boolean {
  const parts = normal(shown)
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(normal(compiled))
}

function normal(sql: string): string {
  return sql
    .replace(/\s+/g, ' ')
    .replace(/([([]) | ([)\]])/g, '$1$2')
    .replace(/"([a-z_]+)"/g, '$1')
    .replace(/\$\d+(::\w+(\[\])?)?/g, '$')
    .trim()
}
