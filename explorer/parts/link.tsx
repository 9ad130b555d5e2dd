import type { ComponentChildren } from 'preact'
import { goTo } from '../address.js'

/** A link within the application, which a browser may also open in another tab. */
export function Link({
  to,
  current = false,
  class: name,
  children,
}: {
  to: string
  current?: boolean
  class?: string
  children: ComponentChildren
}) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    goTo(to)
  }
  return (
    <a href={to} class={name} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  )
}
