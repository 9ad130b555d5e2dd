import { setParameters } from '../address.js'
import { Choice, Fold, NumberField, Switch } from '../parts/fields.js'
import { lineOf, usualLevels, type Look } from './look.js'

const WINDOWS = [
  ['40 400', 'Soft tissue'],
  ['-600 1500', 'Lung'],
  ['400 1800', 'Bone'],
  ['40 80', 'Brain'],
] as const

/** Controls for the overlays and the window of the CT. */
export function LookControls({ look }: { look: Look }) {
  const window = `${look.level} ${look.width}`
  const choose = (text: string) => {
    const [level = 40, width = 400] = text.split(' ').map(Number)
    setParameters({ level, width })
  }
  const known = WINDOWS.some(([value]) => value === window)
  return (
    <Fold title="Picture">
      <Choice
        label="Window"
        hint="Or drag on a large picture: left and right for the width, up and down for the level"
        value={known ? window : ''}
        options={known ? WINDOWS : [['', `${look.level} ± ${look.width / 2} HU`], ...WINDOWS]}
        onChange={choose}
      />
      <NumberField
        label="Level in HU"
        value={look.level}
        usual={40}
        min={-1200}
        max={3000}
        step={10}
        onChange={(level) => setParameters({ level })}
      />
      <NumberField
        label="Width in HU"
        value={look.width}
        usual={400}
        min={10}
        max={4000}
        step={10}
        onChange={(width) => setParameters({ width })}
      />
      <div class="switches">
        <Switch
          label="Isodose lines"
          on={look.isodoses}
          onChange={(on) => setParameters({ isodoses: on ? 1 : 0 })}
        />
        <Switch
          label="Dose in colour"
          on={look.wash}
          onChange={(on) => setParameters({ wash: on ? 1 : 0 })}
        />
        <Switch
          label="Structures"
          on={look.outlines}
          onChange={(on) => setParameters({ outlines: on ? 1 : 0 })}
        />
        <Switch
          label="Fit to body"
          hint="Shows the body instead of the whole slice, at the same scale for all slices if possible"
          on={look.fit}
          onChange={(on) => setParameters({ fit: on ? 1 : 0 })}
        />
      </div>
      {look.isodoses && <Levels look={look} />}
    </Fold>
  )
}

/** Controls for the isodose lines. */
function Levels({ look }: { look: Look }) {
  const set = (levels: readonly number[]) => setParameters({ levels: levels.join(',') })
  const change = (text: string) => {
    const levels = text.split(/[\s,;]+/).map(Number)
    set(levels.filter((value) => Number.isFinite(value) && value > 0).slice(0, 12))
  }
  return (
    <>
      <Choice
        label="Levels in"
        value={look.unit}
        options={[
          ['percent', '% of the prescription'],
          ['gy', 'Gy'],
        ]}
        onChange={(unit) =>
          setParameters({ unit, levels: usualLevels(unit === 'gy' ? 'gy' : 'percent').join(',') })
        }
      />
      <div class="field">
        <label for="levels">Levels</label>
        <input
          id="levels"
          type="text"
          value={look.levels.join(', ')}
          onChange={(event) => change(event.currentTarget.value)}
        />
      </div>
      <IsodoseLegend look={look} />
    </>
  )
}

/** The legend of the isodose lines. */
export function IsodoseLegend({ look }: { look: Look }) {
  return (
    <ul class="legend" aria-label="Isodose lines">
      {look.levels.map((value) => {
        const { color, dashes, width, text } = lineOf(value, look)
        return (
          <li key={value}>
            <svg viewBox="0 0 32 14" width={32} height={14} aria-hidden="true">
              <rect width={32} height={14} rx={2} fill="#555" />
              <path
                d="M3 7h26"
                stroke={color}
                stroke-width={1.8 * width}
                stroke-dasharray={dashes.map((dash) => 1.8 * dash).join(' ')}
              />
            </svg>
            {text}
          </li>
        )
      })}
    </ul>
  )
}
