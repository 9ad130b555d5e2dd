/** An element of a data set, whose value is still bytes. */
export interface DicomElement {
  /** Value representation, `undefined` where the file does not write it. */
  readonly vr: string | undefined
  /** Where its value begins. */
  readonly dataOffset: number
  /** Bytes of its value, those of a value of undefined length counted. */
  readonly length: number
  readonly undefinedLength: boolean
  /** Of a sequence. */
  readonly items?: readonly DicomElements[]
}

/** Elements by their tags: `x00280010`. */
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- refers to itself
export interface DicomElements {
  readonly [tag: string]: DicomElement | undefined
}

/** How the elements of a data set are written. */
export interface ElementForm {
  readonly explicit: boolean
  readonly bigEndian: boolean
}
