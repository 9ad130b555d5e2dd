const once =
  'It counts a line that comes again twice, and fills what two lines enclose by even and odd.'
const ends =
  'It lets a structure end half of its usual spacing behind its last planes, and not where images are sparser or closer.'
const meta = 'It reads no files that tell neither their transfer syntax nor that they are DICOM.'

/** Sets that the other reader measures otherwise, and why. */
export const differing: Readonly<Record<string, string>> = {
  'dose-in-other-frame-registered': 'It follows no registrations.',
  'ct-missing-unlisted': ends,
  'ct-uneven': ends,
  'structure-last-gap-narrow': ends,
  'structure-crossing': once,
  'structure-twice-from-elsewhere': once,
  'structure-twice-reversed': once,
  'structure-twice-rounded': once,
  'structure-twice-closed': once,
  'structure-beyond-ct': 'It counts what lies beyond the CT.',
  'file-stray-delimiters': 'It ends a sequence at a delimiter that closes nothing.',
  'file-without-preamble': meta,
  'file-bare': meta,
}
