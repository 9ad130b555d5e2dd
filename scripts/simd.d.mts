/** What `src/hash/simd-bytes.ts` has to hold. */
export function compiled(): Promise<string>
