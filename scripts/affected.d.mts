export function changedFiles(root: string, ref?: string): string[]
export function mirroredTests(root: string, changed: readonly string[]): string[]
