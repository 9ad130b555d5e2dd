/** A supported format, recognised by the first bytes of a file. */
export type ImageFormat = 'png' | 'jpeg' | 'tiff' | 'webp'

/** Number of bytes that identify a format. */
export const IMAGE_START_BYTES = 12

const signatures: readonly (readonly [ImageFormat, string])[] = [
  ['png', '89504e470d0a1a0a'],
  ['jpeg', 'ffd8ff'],
  ['tiff', '49492a00'],
  ['tiff', '4d4d002a'],
  ['tiff', '49492b00'],
  ['tiff', '4d4d002b'],
]

/** The format of a file, independent of its name; `null` for other files. */
export function imageFormat(start: Uint8Array): ImageFormat | null {
  const hex = Buffer.from(start.subarray(0, IMAGE_START_BYTES)).toString('hex')
  const found = signatures.find(([, signature]) => hex.startsWith(signature))
  if (found) return found[0]
  return hex.startsWith('52494646') && hex.startsWith('57454250', 16) ? 'webp' : null
}

/** Whether the extension of a name is that of one of these formats. */
export function namesImage(name: string): boolean {
  return /\.(png|jpe?g|jfif|tiff?|webp)$/i.test(name)
}
