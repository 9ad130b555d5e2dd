/** A name in each character set of DICOM (PS3.3 C.12.1.1.2), as other software encodes it. */
export const namesInSets: readonly (readonly [sets: string, name: string, hex: string])[] = [
  ['ISO_IR 100', 'Buc^Jérôme', '4275635e4ae972f46d65'],
  ['ISO_IR 101', 'Wałęsa^Łucja', '5761b3ea73615ea375636a61'],
  ['ISO_IR 109', 'Ħalsiġ^Ġanna', 'a1616c7369f55ed5616e6e61'],
  ['ISO_IR 110', 'Bērziņš^Jānis', '42ba727a69f1b95e4ae06e6973'],
  ['ISO_IR 126', 'Διονυσίου^Ελένη', 'c4e9efedf5f3dfeff55ec5ebddede7'],
  ['ISO_IR 127', 'قباني^لنزار', 'e2c8c7e6ea5ee4e6d2c7d1'],
  ['ISO_IR 138', 'שרון^דבורה', 'f9f8e5ef5ee3e1e5f8e4'],
  ['ISO_IR 144', 'Люксембург^Роза', 'bbeedae1d5dcd1e3e0d35ec0ded7d0'],
  ['ISO_IR 148', 'Çavuşoğlu^Işıl', 'c7617675fe6ff06c755e49fefd6c'],
  ['ISO_IR 166', 'นามสกุล^ชื่อจริง', 'b9d2c1caa1d8c55eaad7e8cda8c3d4a7'],
  ['ISO_IR 203', 'Šaœur^Zoë', 'a661bd75725e5a6feb'],
  ['ISO_IR 192', 'Wang^XiaoDong=王^小東', '57616e675e5869616f446f6e673de78e8b5ee5b08fe69db1'],
  ['GB18030', 'Wang^XiaoDong=王^小东', '57616e675e5869616f446f6e673dcdf55ed0a1b6ab'],
  ['GBK', 'Zhang^XiaoDong=张^小东', '5a68616e675e5869616f446f6e673dd5c55ed0a1b6ab'],
  ['ISO_IR 13', 'ﾔﾏﾀﾞ^ﾀﾛｳ', 'd4cfc0de5ec0dbb3'],
  [
    '\\ISO 2022 IR 87',
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
    '59616d6164615e5461726f753d1b24423b3345441b28425e1b244242404f3a1b28423d1b24422464245e24401b28425e1b2442243f246d24261b2842',
  ],
  [
    'ISO 2022 IR 13\\ISO 2022 IR 87',
    'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎',
    'd4cfc0de5ec0dbb33d1b24423b3345441b284a5e1b244242404f3a1b284a',
  ],
  ['\\ISO 2022 IR 87\\ISO 2022 IR 159', 'Ito=丂山', '49746f3d1b24284430211b24423b331b2842'],
  [
    '\\ISO 2022 IR 149',
    'Hong^Gildong=洪^吉洞=홍^길동',
    '486f6e675e47696c646f6e673d1b242943fbf35e1b242943d1ced4d73d1b242943c8ab5e1b242943b1e6b5bf',
  ],
  [
    '\\ISO 2022 IR 58',
    'Zhang^XiaoDong=张^小东',
    '5a68616e675e5869616f446f6e673d1b242941d5c55e1b242941d0a1b6ab',
  ],
  ['ISO 2022 IR 100\\ISO 2022 IR 144', 'Müller^Люба', '4dfc6c6c65725e1b2d4cbbeed1d0'],
  ['ISO 2022 IR 6\\ISO 2022 IR 101\\ISO 2022 IR 126', 'Nová=Νέα', '1b2d424e6f76e13d1b2d46cddde1'],
]

/** The bytes of a name as text of one character per byte. */
export function bytesAsText(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1')
}
