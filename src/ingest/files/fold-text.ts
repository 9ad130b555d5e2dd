/** Letters that do not decompose into a letter and a mark, with their usual transcriptions. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  þ: 'th',
  ŧ: 't',
}

/** Folds text for comparison: composition, diacritics, case and width are normalised. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđðħıłŋþŧ]/g, (letter) => letters[letter] ?? letter)
}

/** Transliterations of Cyrillic and Greek letters in passports, on maps and in scholarship. */
const romanized: Readonly<Record<string, readonly string[]>> = {
  а: ['a'],
  б: ['b'],
  в: ['v', 'w'],
  г: ['g', 'h'],
  ґ: ['g'],
  д: ['d'],
  е: ['e', 'ye', 'je'],
  є: ['ie', 'ye', 'je'],
  ё: ['e', 'yo', 'jo'],
  ж: ['zh', 'z', 'sch'],
  з: ['z', 's'],
  и: ['i', 'y'],
  і: ['i'],
  ї: ['i', 'yi', 'ji'],
  й: ['i', 'y', 'j'],
  к: ['k'],
  л: ['l'],
  м: ['m'],
  н: ['n'],
  о: ['o'],
  п: ['p'],
  р: ['r'],
  с: ['s', 'ss'],
  т: ['t'],
  у: ['u'],
  ў: ['u', 'w'],
  ф: ['f'],
  х: ['kh', 'h', 'ch'],
  ц: ['ts', 'c', 'z'],
  ч: ['ch', 'c', 'tsch'],
  ш: ['sh', 's', 'sch'],
  щ: ['shch', 'sc', 'schtsch'],
  ъ: ['', 'ie'],
  ы: ['y', 'i'],
  ь: [''],
  э: ['e'],
  ю: ['iu', 'yu', 'ju'],
  я: ['ia', 'ya', 'ja'],
  ђ: ['dj', 'd'],
  ј: ['j'],
  љ: ['lj'],
  њ: ['nj'],
  ћ: ['c'],
  џ: ['dz'],
  α: ['a'],
  β: ['v', 'b'],
  γ: ['g'],
  δ: ['d'],
  ε: ['e'],
  ζ: ['z'],
  η: ['i', 'e'],
  θ: ['th'],
  ι: ['i'],
  κ: ['k'],
  λ: ['l'],
  μ: ['m'],
  ν: ['n'],
  ξ: ['x'],
  ο: ['o'],
  π: ['p'],
  ρ: ['r'],
  σ: ['s'],
  ς: ['s'],
  τ: ['t'],
  υ: ['y', 'u'],
  φ: ['f', 'ph'],
  χ: ['ch', 'h', 'kh'],
  ψ: ['ps'],
  ω: ['o'],
}

/** Possible spellings of a word: folded, with `ae` for `ä`, and Cyrillic and Greek letters in each transliteration. */
export function spellings(word: string): string[] {
  const marked = word
    .normalize('NFC')
    .toLowerCase()
    .replace(
      /[äöüåø]/g,
      (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' })[letter] ?? letter,
    )
  const folded = foldText(word)
  // Before diacritics are removed: й and ё are letters of their own.
  const composed = word.normalize('NFC').toLowerCase()
  const customs = [0, 1, 2].map((custom) =>
    foldText(
      composed.replace(/[\u0370-\u052f]/gu, (letter) => {
        const plain = letter in romanized ? letter : foldText(letter)
        const ways = romanized[plain]
        return ways === undefined ? letter : (ways[custom] ?? ways[0] ?? '')
      }),
    ),
  )
  return [...new Set([folded, foldText(marked), ...customs])].filter((way) => way !== '')
}

/**
 * A rough phonetic code of a Latin word, the same for different transliterations. It serves to find names in paths,
 * where a false match does no harm.
 */
export function soundOf(word: string): string {
  return foldText(word)
    .replace(/shch|schtsch|sch|sh/g, 's')
    .replace(/tsch|tch|ch|kh|ts|tz|cz|[hcx]/g, 'c')
    .replace(/ph/g, 'f')
    .replace(/tc/g, 't')
    .replace(/zc/g, 'z')
    .replace(/sc+/g, 's')
    .replace(/[jy]/g, 'i')
    .replace(/w|b/g, 'v')
    .replace(/q/g, 'k')
    .replace(/(?<=[aou])e/g, '')
    .replace(/(?<=[scz])i(?=[aeou])/g, '')
    .replace(/(.)\1+/g, '$1')
}

/** Whether a text has letters of a script without transliteration rules. */
export function isUnspellable(text: string): boolean {
  return /\p{L}/u.test(
    foldText(text).replace(/[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/gu, ''),
  )
}

/** Words and numbers of a folded text. */
export function wordsOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{N}]+/gu) ?? []
}
