/** Compression of the pixels of a data set. */
export type PixelCoding = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000'

export const implicitLittle = '1.2.840.10008.1.2'
export const explicitLittle = '1.2.840.10008.1.2.1'
export const deflated = '1.2.840.10008.1.2.1.99'
export const bigEndian = '1.2.840.10008.1.2.2'

/** The supported transfer syntaxes; a `jpeg` stream itself states its process. */
export const pixelCodings: Readonly<Record<string, PixelCoding>> = {
  [implicitLittle]: 'native',
  [explicitLittle]: 'native',
  [deflated]: 'native',
  [bigEndian]: 'native',
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.53': 'jpeg',
  '1.2.840.10008.1.2.4.55': 'jpeg',
  '1.2.840.10008.1.2.4.57': 'jpeg',
  '1.2.840.10008.1.2.4.70': 'jpeg',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg-2000',
  '1.2.840.10008.1.2.4.91': 'jpeg-2000',
}
