import { describe, expect, it } from 'vitest'
import { STRUCTURE_PALETTE, structureStyles } from '../../../src/report/drawing/structure-style.js'
import { contrasts } from '../colour-vision.js'

const organ = (name: string, meanGy: number | null = null) => ({
  name,
  role: 'organ' as const,
  meanGy,
})
const target = (name: string) => ({ name, role: 'target' as const, meanGy: 70 })

describe('structureStyles', () => {
  it('orders structures by the number of plans that have them, then by dose', () => {
    const plans = [
      [organ('A', 50), organ('B', 10), organ('C', 20), target('PTV70')],
      [organ('B', 12), organ('C', 3)],
    ]
    expect(structureStyles(plans).map(({ name, letter }) => `${letter} ${name}`)).toEqual([
      'a PTV70',
      'b C',
      'c B',
      'd A',
    ])
  })

  it('returns at most three targets and five organs', () => {
    const names = Array.from({ length: 9 }, (_, i) => String(i))
    const styles = structureStyles([
      names.flatMap((name) => [organ(`o${name}`), target(`t${name}`)]),
    ])
    expect(styles.map(({ role }) => role).filter((role) => role === 'target')).toHaveLength(3)
    expect(styles).toHaveLength(8)
    expect(new Set(styles.map(({ onPicture }) => onPicture)).size).toBe(8)
  })

  it('has a palette with a colour for each, in which neighbouring colours are distinct', () => {
    const [light = [], dark = []] = STRUCTURE_PALETTE.split('@media').map((part) =>
      [...part.matchAll(/#[0-9a-f]{6}/g)].map(([colour]) => colour),
    )
    expect([light.length, dark.length]).toEqual([8, 8])
    for (const colours of [light, dark])
      for (const contrast of contrasts(colours, 'normal')) expect(contrast).toBeGreaterThan(20)
  })
})
