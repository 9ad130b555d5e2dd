import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, problemIn, type Problem } from './api.js'

/** An answer, a pending request, or a problem. The previous answer stays until the next one arrives. */
export interface Answered<T> {
  readonly value: T | null
  readonly loading: boolean
  readonly problem: Problem | null
  /** Request of the value. */
  readonly path: string | null
}

/**
 * Requests a path whenever it changes; null requests nothing. Late answers are dropped.
 *
 * @param wait milliseconds without a change before the request, so that a moving slider only requests its last position
 */
export function useAnswer<T>(path: string | null, wait = 0): Answered<T> {
  const [answered, setAnswered] = useState<Answered<T>>({
    value: null,
    loading: path !== null,
    problem: null,
    path: null,
  })
  const last = useRef<string | null>(null)
  useEffect(() => {
    last.current = path
    if (path === null) {
      setAnswered({ value: null, loading: false, problem: null, path: null })
      return undefined
    }
    const controller = new AbortController()
    setAnswered((last) => ({ ...last, loading: true, problem: null }))
    const asking = setTimeout(() => {
      ask<T>(path, controller.signal).then(
        (value) => {
          if (last.current === path) setAnswered({ value, loading: false, problem: null, path })
        },
        (error: unknown) => {
          if (last.current === path && !controller.signal.aborted)
            setAnswered({ value: null, loading: false, problem: problemIn(error), path })
        },
      )
    }, wait)
    return () => {
      clearTimeout(asking)
      controller.abort()
    }
  }, [path])
  return answered
}
