const once = 'It counts a repeated contour twice, and fills two contours by the even-odd rule.'
const ends =
  'It ends a structure half of its usual spacing behind its last planes, even if images are sparser or denser there.'
const meta = 'It does not read files without a preamble or a meta header.'

/** Sets that the other reader measures differently, with the reason. */
export const differing: Readonly<Record<string, string>> = {
  'dose-in-other-frame-registered': 'It ignores registrations.',
  'ct-missing-unlisted': ends,
  'ct-uneven': ends,
  'structure-last-gap-narrow': ends,
  'structure-crossing': once,
  'structure-twice-from-elsewhere': once,
  'structure-twice-reversed': once,
  'structure-twice-rounded': once,
  'structure-twice-closed': once,
  'structure-beyond-ct': 'It counts parts beyond the CT.',
  'file-stray-delimiters': 'It ends a sequence at a stray delimiter.',
  'file-without-preamble': meta,
  'file-bare': meta,
}
