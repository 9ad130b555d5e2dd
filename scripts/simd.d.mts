/** What `src/hash/simd.ts` has to hold. */
export function compiled(): Promise<string>
