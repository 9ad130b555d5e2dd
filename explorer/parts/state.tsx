import type { ComponentChildren } from 'preact'
import type { Answered } from '../use-answer.js'
import type { Problem } from '../api.js'

/** Why something is not there, and what to do. */
export function ProblemBox({ problem }: { problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}.</p>
      <p class="soft">{problem.hint}</p>
    </div>
  )
}

/** That nothing is there, and what would bring it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p class="soft">{children}</p>
    </div>
  )
}

/** What an answer shows, or that it is waited for, or why there is none. */
export function Shown<T>({
  answer,
  what,
  children,
}: {
  answer: Answered<T>
  what: string
  children: (value: T) => ComponentChildren
}) {
  const { value, loading, problem } = answer
  if (problem) return <ProblemBox problem={problem} />
  if (value === null)
    return loading ? (
      <div class="waiting" role="status">
        <span class="pulse" aria-hidden="true" /> Loading {what} …
      </div>
    ) : null
  return (
    <div class={loading ? 'stale' : undefined} aria-busy={loading}>
      {children(value)}
    </div>
  )
}
