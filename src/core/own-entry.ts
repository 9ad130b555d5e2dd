/** What a table has under a name, and not what every object has: `constructor` names a space as well as any word. */
export function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
