import { useId, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'

interface Labelled {
  readonly label: string
  readonly hint?: string | undefined
}

export function Choice({
  label,
  hint,
  value,
  options,
  onChange,
}: Labelled & {
  value: string
  options: readonly (readonly [value: string, text: string])[]
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id} title={hint}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A number with a slider and a text field, which shows the default if nothing is chosen. */
export function NumberField({
  label,
  hint,
  value,
  usual,
  min,
  max,
  step = 1,
  slider = true,
  onChange,
}: Labelled & {
  value: number | null
  usual: number | null
  min: number
  max: number
  step?: number
  slider?: boolean
  onChange: (value: number | null) => void
}) {
  const id = useId()
  // Keeps the typed text when answers that arrive meanwhile render the field again.
  const [typed, setTyped] = useState<string | null>(null)
  const shown = value ?? usual
  const take = (text: string) => {
    const number = Number(text)
    if (text === '') onChange(null)
    else if (Number.isFinite(number)) onChange(Math.min(max, Math.max(min, number)))
  }
  return (
    <div class="field number">
      <label for={id} title={hint}>
        {label}
      </label>
      {slider && (
        <input
          type="range"
          min={min}
          max={max}
          step={step}
          value={shown ?? min}
          aria-label={`${label}, slider`}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
      <input
        id={id}
        type="number"
        min={min}
        max={max}
        step={step}
        value={typed ?? value ?? ''}
        onInput={(event) => setTyped(event.currentTarget.value)}
        placeholder={usual === null ? 'any' : String(usual)}
        onChange={(event) => {
          setTyped(null)
          take(event.currentTarget.value)
        }}
      />
    </div>
  )
}

export function Switch({
  label,
  hint,
  on,
  onChange,
}: Labelled & { on: boolean; onChange: (on: boolean) => void }) {
  const id = useId()
  return (
    <div class="field switch">
      <input
        id={id}
        type="checkbox"
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id} title={hint}>
        {label}
      </label>
    </div>
  )
}

/** A choice of one among several tabs. */
export function Tabs({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string
  options: readonly (readonly [value: string, text: string])[]
  onChange: (value: string) => void
}) {
  return (
    <div class="tabs" role="group" aria-label={label}>
      {options.map(([one, text]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {text}
        </button>
      ))}
    </div>
  )
}

/** A collapsible part of the controls. */
export function Fold({
  title,
  open = true,
  children,
}: {
  title: string
  open?: boolean
  children: ComponentChildren
}) {
  return (
    <details class="fold" open={open}>
      <summary>{title}</summary>
      {children}
    </details>
  )
}
