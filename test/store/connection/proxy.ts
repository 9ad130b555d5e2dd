import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { messageEnds, type Side } from './wire-messages.js'

/** A moment in the traffic of a proxy, given by messages of one side since counting began. */
export interface Moment {
  readonly side: Side
  /** Number of the message, from 1. */
  readonly message: number
  /** Share of the bytes of the message that still passes, 0 to 1. */
  readonly part: number
}

/** A proxy to a server whose connections can be cut and restored. */
export interface Proxy {
  /** URL of the same database through the proxy. */
  readonly url: string
  /** Ends all connections, in the middle of any message, and refuses new ones for so many milliseconds. */
  cut(milliseconds: number, how?: 'end' | 'reset'): void
  /** Number of further connections to refuse. (Default: 0) */
  refused: number
  /** Message of the protocol that refused connections receive. (Default: nothing) */
  closedWith: Buffer
  /** Bytes sent to the server so far. */
  sent(): number
  /** Called after each piece sent to the server, with the bytes so far. */
  onSent: (bytes: number) => void
  /** Starts counting messages. At the given moment all traffic pauses until `act` has finished. */
  watch(moment?: Moment, act?: () => void | Promise<void>): void
  /** Complete messages of each side since counting began. */
  counts(): Readonly<Record<Side, number>>
}

/** Opens a proxy to the server of a URL for the duration of a test. */
export async function openProxy(url: string): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let [open, bytes] = [true, 0]
  const counts = { client: 0, server: 0 }
  let watched: { moment: Moment; act: () => void | Promise<void> } | undefined

  /** Offset of the watched moment in a piece, or undefined if it lies elsewhere. */
  function momentIn(side: Side, piece: Buffer, ends: readonly number[]): number | undefined {
    if (watched?.moment.side !== side) return undefined
    const nth = watched.moment.message - counts[side] - 1
    // If a message continues in the next piece only its first part is known, so `part` is a share of that.
    const end = ends[nth] ?? (nth === ends.length ? piece.length : undefined)
    if (nth < 0 || end === undefined) return undefined
    if (watched.moment.part === 1 && ends[nth] === undefined) return undefined
    const begin = nth === 0 ? 0 : (ends[nth - 1] as number)
    return begin + Math.round(watched.moment.part * (end - begin))
  }

  const server = createServer((client) => {
    if (!open || proxy.refused > 0) {
      proxy.refused = Math.max(0, proxy.refused - 1)
      client.on('error', () => client.destroy())
      client.once('data', () => client.end(proxy.closedWith))
      return
    }
    const upstream = connect(Number(target.port === '' ? 5432 : target.port), target.hostname)
    for (const [from, to, side] of [
      [client, upstream, 'client'],
      [upstream, client, 'server'],
    ] as const) {
      sockets.add(from)
      const endsIn = messageEnds(side)
      const carry = (piece: Buffer) => {
        to.write(piece)
        if (side !== 'client') return
        bytes += piece.length
        proxy.onSent(bytes)
      }
      from.on('data', (piece) => {
        const ends = endsIn(piece)
        const place = momentIn(side, piece, ends)
        counts[side] += ends.length
        if (place === undefined || watched === undefined) {
          carry(piece)
          return
        }
        const { act } = watched
        watched = undefined
        if (place > 0) carry(piece.subarray(0, place))
        from.pause()
        void Promise.resolve(act()).then(() => {
          if (from.destroyed) return
          if (place < piece.length) carry(piece.subarray(place))
          from.resume()
        })
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const port = await listening(server)
  const way = new URL(url)
  way.hostname = '127.0.0.1'
  way.port = String(port)
  const proxy: Proxy = {
    url: way.toString(),
    cut: (milliseconds, how = 'end') => {
      open = false
      for (const socket of sockets)
        if (how === 'reset') socket.resetAndDestroy()
        else socket.destroy()
      setTimeout(() => (open = true), milliseconds)
    },
    refused: 0,
    closedWith: Buffer.alloc(0),
    sent: () => bytes,
    onSent: () => undefined,
    watch: (moment, act = () => undefined) => {
      counts.client = 0
      counts.server = 0
      watched = moment && { moment, act }
    },
    counts: () => ({ ...counts }),
  }
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return proxy
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}
