/**
 * Organs by stored name, with their common names in lower case. Stored names are those of OpenKBP if it has the organ,
 * else of TG-263 (Standardizing Nomenclatures in Radiation Oncology, AAPM 2018) without the side.
 */
const organs: Readonly<Record<string, readonly string[]>> = {
  Brainstem: ['brainstem', 'brain stem'],
  Esophagus: ['esophagus', 'oesophagus', 'esoph'],
  Larynx: ['larynx'],
  Mandible: ['mandible', 'bone mandible', 'mandibula'],
  Parotid: ['parotid', 'parotis', 'parotid gland', 'glnd parotid'],
  SpinalCord: ['spinalcord', 'spinal cord', 'cord', 'myelon', 'spinal canal', 'spinalcanal'],
  A_Aorta: ['aorta', 'a aorta'],
  A_LAD: ['lad', 'a lad'],
  Anus: ['anus', 'canal anal', 'anal canal'],
  Bag_Bowel: ['bowel bag', 'bag bowel', 'bowelbag'],
  Bladder: ['bladder', 'urinary bladder'],
  Bowel: ['bowel'],
  Bowel_Large: ['large bowel', 'bowel large', 'colon'],
  Bowel_Small: ['small bowel', 'bowel small', 'smallbowel'],
  BrachialPlex: ['brachial plexus', 'brachialplex', 'brachialplexus', 'plexus brachial'],
  Brain: ['brain'],
  Breast: ['breast'],
  Bronchus: ['bronchus', 'bronchial tree'],
  Carina: ['carina'],
  CaudaEquina: ['cauda equina', 'caudaequina'],
  Cavity_Oral: ['oral cavity', 'cavity oral', 'oralcavity'],
  Cerebellum: ['cerebellum'],
  Chestwall: ['chestwall', 'chest wall'],
  Cochlea: ['cochlea'],
  Cornea: ['cornea'],
  Duodenum: ['duodenum'],
  External: ['external', 'body', 'outline', 'external body', 'patient outline'],
  Eye: ['eye', 'globe', 'eyeball'],
  Femur: ['femur'],
  Femur_Head: ['femur head', 'femoral head', 'femoralhead', 'femurhead', 'head femur', 'fem head'],
  Glnd_Lacrimal: ['glnd lacrimal', 'lacrimal', 'lacrimal gland'],
  Glnd_Submand: ['glnd submand', 'submandibular', 'submandibular gland', 'submand', 'smg'],
  Glnd_Thyroid: ['glnd thyroid', 'thyroid', 'thyroid gland'],
  Heart: ['heart'],
  Hippocampus: ['hippocampus'],
  Humerus: ['humerus'],
  Humerus_Head: ['humeral head', 'humerus head', 'head humerus'],
  Joint_TM: ['joint tm', 'tmj', 'temporomandibular joint'],
  Kidney: ['kidney'],
  Kidneys: ['kidneys', 'total kidney', 'kidney total', 'kidneys total'],
  Lens: ['lens'],
  Lips: ['lips', 'lip'],
  Liver: ['liver'],
  Lobe_Temporal: ['lobe temporal', 'temporal lobe'],
  Lung: ['lung'],
  Lungs: ['lungs', 'both lungs', 'total lung', 'lung total', 'lungs total'],
  Musc_Constrict: [
    'musc constrict',
    'pharyngeal constrictor',
    'constrictor',
    'pharynx constrictor',
  ],
  Nose: ['nose'],
  OpticChiasm: ['opticchiasm', 'optic chiasm', 'chiasm', 'chiasma'],
  OpticNrv: ['opticnrv', 'optic nerve', 'opticnerve', 'optic nrv'],
  Pancreas: ['pancreas'],
  Pelvis: ['pelvis', 'bone pelvic'],
  PenileBulb: ['penilebulb', 'penile bulb'],
  Pericardium: ['pericardium'],
  Pharynx: ['pharynx'],
  Pituitary: ['pituitary', 'hypophysis'],
  Prostate: ['prostate'],
  Rectum: ['rectum'],
  Retina: ['retina'],
  Ribs: ['ribs', 'rib'],
  Sacrum: ['sacrum'],
  SeminalVes: ['seminalves', 'seminal vesicles', 'seminal vesicle', 'sv'],
  Sigmoid: ['sigmoid', 'colon sigmoid'],
  Skin: ['skin'],
  Spleen: ['spleen'],
  Sternum: ['sternum'],
  Stomach: ['stomach'],
  Tongue: ['tongue'],
  Trachea: ['trachea'],
  Urethra: ['urethra'],
  Uterus: ['uterus'],
  VertebralBody: ['vertebra', 'vertebral body', 'vertebrae'],
  Vagina: ['vagina'],
}

/** The standard name of an organ, by words in lower case separated by spaces. */
export const organByWords: ReadonlyMap<string, string> = new Map(
  Object.entries(organs).flatMap(([name, ways]) => ways.map((way) => [way, name] as const)),
)

const storedNames = new Set(
  Object.keys(organs).flatMap((organ) =>
    [organ, `${organ}_L`, `${organ}_R`, `Left${organ}`, `Right${organ}`]
      .flatMap((name) => [name, `${name}_PRV`])
      .map((name) => name.toLowerCase()),
  ),
)
const storedTarget = /^(ptv|ctv|gtv|itv)[pn]?\d*(\.\d+)?$/

/** Whether a text in lower case is a name that this package gives to structures, and therefore identifies nobody. */
export function isStandardName(name: string): boolean {
  const unnumbered = name.replace(/_\d+$/, '')
  return unnumbered === 'structure' || storedNames.has(unnumbered) || storedTarget.test(unnumbered)
}

/** Organs whose side comes first in OpenKBP. */
export const sideFirst: readonly string[] = ['Parotid']

/** Organs with a name for both sides together. */
export const pairs: ReadonlyMap<string, string> = new Map([
  ['Kidney', 'Kidneys'],
  ['Lung', 'Lungs'],
])
