const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  return rest
})

/**
 * CRC-32 of ISO 3309, as PNG and zip have it (PNG specification, annex D), from 0 to 2^32 − 1. The checksum of the
 * bytes before goes in where they come in parts. Node.js has its own only from version 22 on.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!
  return ~crc >>> 0
}
