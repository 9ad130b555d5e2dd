import type { Structure } from '../../core/plan.js'

/** Letter and colour that identify a structure in charts and pictures. */
export interface StructureStyle {
  readonly name: string
  readonly role: Structure['role']
  readonly letter: string
  /** Colour on the dark background of a picture. */
  readonly onPicture: string
  /** A variable of `STRUCTURE_PALETTE`, with different values for light and dark backgrounds. */
  readonly colour: string
}

/** Fields that the choice of structures depends on. */
export type StyledStructure = Pick<Structure, 'name' | 'role' | 'meanGy'>

/** Most structures of a panel; more cannot be distinguished in one chart. */
const MOST = { target: 3, organ: 5 } as const

/** Targets have warm colours; each colour exists for a dark background and for paper. */
const COLOURS: Record<Structure['role'], readonly (readonly [dark: string, light: string])[]> = {
  target: [
    ['#ff5c5c', '#b3002d'],
    ['#ffb000', '#b35900'],
    ['#fff266', '#7a6a00'],
  ],
  organ: [
    ['#5cb8f0', '#0072b2'],
    ['#2fcf9f', '#00805f'],
    ['#f2a0d0', '#a3487e'],
    ['#b79cff', '#5b3fc0'],
    ['#d8d8d8', '#555555'],
  ],
}

/**
 * Chooses the targets and organs to show for several plans, the query's first: those that most plans have, then those
 * with the higher mean dose, then by name. Each keeps its letter and colour in the whole panel.
 */
export function structureStyles(plans: readonly (readonly StyledStructure[])[]): StructureStyle[] {
  const counts = new Map<string, { structure: StyledStructure; plans: number }>()
  for (const structure of plans.flat()) {
    const known = counts.get(structure.name)
    if (known) known.plans++
    else counts.set(structure.name, { structure, plans: 1 })
  }
  const ordered = [...counts.values()].sort(
    (a, b) =>
      b.plans - a.plans ||
      (b.structure.meanGy ?? 0) - (a.structure.meanGy ?? 0) ||
      (a.structure.name < b.structure.name ? -1 : 1),
  )
  const chosen = (['target', 'organ'] as const).flatMap((role) =>
    ordered
      .filter(({ structure }) => structure.role === role)
      .slice(0, MOST[role])
      .map(({ structure }, i) => ({ structure, place: (role === 'organ' ? MOST.target : 0) + i })),
  )
  return chosen.map(({ structure: { name, role }, place }, i) => ({
    name,
    role,
    letter: String.fromCharCode(97 + i),
    onPicture: PAIRS[place]?.[0] as string,
    colour: `var(--structure-${place + 1})`,
  }))
}

const PAIRS = [...COLOURS.target, ...COLOURS.organ]

function variables(shade: 0 | 1): string {
  return PAIRS.map((pair, i) => `--structure-${i + 1}: ${pair[shade]};`).join(' ')
}

/** The variables of the colours, for a page. */
export const STRUCTURE_PALETTE = `:root { ${variables(1)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(0)} } }
`
