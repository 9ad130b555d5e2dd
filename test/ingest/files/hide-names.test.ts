import { describe, expect, test } from 'vitest'
import { decodeText } from '../../../src/ingest/dicom/elements/text.js'
import { nameHider } from '../../../src/ingest/files/hide-names.js'
import { namesInSets } from '../dicom/character-sets.js'

const partsOf = (name: string) => name.split(/[\^=]/).filter((part) => part !== '')
const hide = (name: string, path: string, numbers: readonly string[] = []) =>
  nameHider([{ names: partsOf(name), numbers }])(path)

describe('nameHider', () => {
  test.each([
    ['Müller^Jürgen', 'Müller/Jürgen/CT.dcm', '…/…/CT.dcm'],
    ['Müller^Jürgen', 'MUELLER Juergen/CT.dcm', '… …/CT.dcm'],
    ['Müller^Jürgen', 'muller_jurgen/1.dcm', '…_…/1.dcm'],
    ['Müller^Jürgen', 'Mu\u0308ller/1.dcm', '…/1.dcm'],
    ['Mu\u0308ller^J', 'Müller/1.dcm', '…/1.dcm'],
    ['Mueller^Juergen', 'Müller, Jürgen/1.dcm', '…, …/1.dcm'],
    ['Søndergård^Åse', 'Sondergaard_Aase/1.dcm', '…_…/1.dcm'],
    ['Groß^Änne', 'Gross Aenne/1.dcm', '… …/1.dcm'],
    ['Łukasz^Żak', 'lukasz zak.dcm', '… ….dcm'],
    ['Li^Wu', 'Li Wu/RT.dcm', '… …/RT.dcm'],
    ['Li^Wu', 'Lines Wuppertal/RT.dcm', 'Lines Wuppertal/RT.dcm'],
    ['Kim^Ng', 'KIM-NG.dcm', '…-….dcm'],
    ['Harkness^W', 'HarknessPlan/CTHARKNESS.dcm', '…Plan/CT….dcm'],
    ['Хрущёв^Ягодка', 'Хрущев Ягодка/1.dcm', '… …/1.dcm'],
    ['Хрущёв^Ягодка', 'Khrushchev Yagodka/1.dcm', '… …/1.dcm'],
    ['Хрущёв^Ягодка', 'Chruschtschow Jagodka/1.dcm', '… …/1.dcm'],
    ['Хрущёв^Ягодка', 'Hruščev Iagodka/1.dcm', '… …/1.dcm'],
    ['Khrushchev^Nikita', 'Хрущёв Никита/1.dcm', '… …/1.dcm'],
    ['Παπαδόπουλος^Γιώργος', 'PAPADOPOULOS giorgos/1.dcm', '… …/1.dcm'],
    ['Yamada^Tarou=山田^太郎', '山田太郎/Yamada/1.dcm', '…/…/1.dcm'],
    ['山田^太郎', 'Yamada Tarou/CT series/1.dcm', '… …/CT series/1.dcm'],
    ['홍^길동', 'Hong Gildong/RTDOSE 3.dcm', '… …/RTDOSE 3.dcm'],
  ])('removes %s from %s', (name, path, hidden) => {
    expect(hide(name, path)).toBe(hidden)
  })

  test.each(namesInSets)('removes names in %s in the original script: %s', (sets, name, hex) => {
    const read = decodeText(Buffer.from(hex, 'hex'), sets.split('\\'))
    for (const form of ['NFC', 'NFD', 'NFKC'] as const)
      for (const part of partsOf(name)) {
        const shown = hide(read, `CT/${part.normalize(form)} 1/CT.dcm`)
        expect(shown).toBe('CT/… 1/CT.dcm')
      }
  })

  test.each([
    ['19470312', 'born 1947-03-12/1.dcm', 'born …/1.dcm'],
    ['19470312', '12.3.1947 CT.dcm', '… CT.dcm'],
    ['19470312', '470312_CT.dcm', '…_CT.dcm'],
    ['19470312', '03-12-47.dcm', '….dcm'],
    ['MRN-5550123', 'mrn-5550123/5550123.dcm', '…/….dcm'],
  ])('removes %s from %s', (number, path, hidden) => {
    expect(hide('Harkness', path, [number])).toBe(hidden)
  })

  test('leaves a path without identifying parts unchanged', () => {
    const path = 'archive/study 3/RTSTRUCT_2.dcm'
    expect(hide('Harkness^Wilhelmina', path, ['MRN-5550123', '19470312'])).toBe(path)
  })
})
