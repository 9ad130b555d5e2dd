import type { MapAnswer } from '../api.js'
import {
  NAMED,
  rampColour,
  rangeOf,
  valuesOf,
  type Colour,
  type ColouringName,
} from './colouring.js'

const text = ([red, green, blue]: Colour) => `rgb(${red} ${green} ${blue})`

/** Meaning of the colours of a map. */
export function MapLegend({ map, by }: { map: MapAnswer; by: ColouringName }) {
  const values = valuesOf(map, by)
  if (values === null) {
    const names = by === 'group' ? map.groups : map.datasets
    return (
      <ul class="legend" aria-label="Colours">
        {names.slice(0, 7).map((name, i) => (
          <li key={name}>
            <i class="swatch" style={{ background: text(NAMED[i] as Colour) }} /> {name}
          </li>
        ))}
        {names.length > 7 && <li>others are grey</li>}
      </ul>
    )
  }
  const [least, most] = rangeOf(values)
  const unit = by === 'level' ? 'mm' : 'Gy'
  const steps = Array.from({ length: 24 }, (_, i) => text(rampColour(i / 23)))
  return (
    <div class="ramp" role="img" aria-label={`From ${least} to ${most} ${unit}`}>
      <span style={{ background: `linear-gradient(to right, ${steps.join(', ')})` }} />
      <small>
        {least.toFixed(0)} {unit}
      </small>
      <small>
        {most.toFixed(0)} {unit}
      </small>
    </div>
  )
}
