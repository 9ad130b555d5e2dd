/** Starts work while a limit allows it, first come, first served. */
export interface Budget {
  /**
   * Waits until the cost fits within the limit together with the work in progress. Work that costs more than the limit
   * runs alone.
   */
  run<T>(cost: number, work: () => Promise<T>): Promise<T>
}

export function openBudget(limit: number): Budget {
  let spent = 0
  const waiting: { readonly cost: number; readonly begin: () => void }[] = []

  function next(): void {
    for (let first = waiting[0]; first; first = waiting[0]) {
      if (spent > 0 && spent + first.cost > limit) return
      waiting.shift()
      spent += first.cost
      first.begin()
    }
  }

  return {
    run: async (cost, work) => {
      await new Promise<void>((begin) => {
        waiting.push({ cost, begin })
        next()
      })
      try {
        return await work()
      } finally {
        spent -= cost
        next()
      }
    },
  }
}
