import type { Comment } from 'typedoc'

/** The SQL that a comment shows: blocks of it, and statements in the line. */
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
 * Whether SQL as it is shown stands for SQL as it is compiled. "…" stands for anything, one placeholder for another,
 * whether a type is beside it or not; quotes of names that need none do not matter, nor does white space.
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
