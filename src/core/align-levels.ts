/** Positions of the centres of mass of a patient's organs along the body, in mm from an arbitrary origin, by name. */
export type OrganCentres = ReadonlyMap<string, number>

/** Lower bound of the scatter of an organ between patients, so that no single organ dominates. */
const LEAST_SCATTER_MM = 5
const ROUNDS = 30

/**
 * Finds for each patient the position that corresponds to the same place of the body in all patients: where the centres
 * of its organs agree best with the mean anatomy, each organ weighted by its inverse scatter. A single organ is not
 * enough: each is missing in some patients, and the centre of a spinal cord depends on how far it was contoured. NaN
 * for a patient without organs.
 */
export function alignLevels(patients: readonly OrganCentres[]): number[] {
  const names = [...new Set(patients.flatMap((centres) => [...centres.keys()]))].sort()
  const scatter = new Map(names.map((name) => [name, 1]))
  const place = new Map(names.map((name) => [name, 0]))
  let origins = patients.map((centres) => mean([...centres.values()]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const found = patients.flatMap((centres, i) => {
        const centre = centres.get(name)
        return centre === undefined ? [] : [centre - origins[i]!]
      })
      const middle = mean(found)
      place.set(name, middle)
      const variance = mean(found.map((value) => (value - middle) ** 2))
      scatter.set(name, Math.max(LEAST_SCATTER_MM, Math.sqrt(variance)))
    }
    origins = patients.map((centres) => {
      let [sum, weights] = [0, 0]
      for (const [name, centre] of centres) {
        const weight = scatter.get(name)! ** -2
        sum += weight * (centre - place.get(name)!)
        weights += weight
      }
      return sum / weights
    })
  }
  return origins
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
