/** The files of dist/extension, by name. */
export function extensionFiles(options?: {
  version?: string
  vectorSchema?: string
}): Record<string, string>
