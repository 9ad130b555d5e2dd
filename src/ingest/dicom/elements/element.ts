/** An element of a data set, whose value is still bytes. */
export interface DicomElement {
  /** Value representation; `undefined` if the file does not contain it. */
  readonly vr: string | undefined
  /** Offset of its value. */
  readonly dataOffset: number
  /** Length of its value in bytes, also if the file leaves it undefined. */
  readonly length: number
  readonly undefinedLength: boolean
  /** Items of a sequence. */
  readonly items?: readonly DicomElements[]
}

/** Elements by their tags: `x00280010`. */
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- refers to itself
export interface DicomElements {
  readonly [tag: string]: DicomElement | undefined
}

/** Encoding of the elements of a data set. */
export interface ElementForm {
  readonly explicit: boolean
  readonly bigEndian: boolean
}
