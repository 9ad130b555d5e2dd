import type { ComponentChildren } from 'preact'
import type { Answered } from '../use-answer.js'
import type { Problem } from '../api.js'

/** Shows a problem and its hint. */
export function ProblemBox({ problem }: { problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}.</p>
      <p class="soft">{problem.hint}</p>
    </div>
  )
}

/** An empty state, with a hint how to fill it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p class="soft">{children}</p>
    </div>
  )
}

/** Shows an answer, a loading state, or a problem. */
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
