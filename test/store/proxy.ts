import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server that can be cut and mended. */
export interface Proxy {
  /** URL of the same database by way of the proxy. */
  readonly url: string
  /** Ends all connections, in the middle of whatever they carry, and lets no new ones through for so many milliseconds. */
  cut(milliseconds: number): void
  /** Bytes that went to the server so far. */
  sent(): number
  /** Told after each piece that goes to the server. */
  onSent: (bytes: number) => void
}

/** Opens a proxy to the server of a URL for the time of a test. */
export async function openProxy(url: string): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let [open, bytes] = [true, 0]
  const server = createServer((client) => {
    if (!open) {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.port === '' ? 5432 : target.port), target.hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => {
        to.write(data)
        if (from !== client) return
        bytes += data.length
        proxy.onSent(bytes)
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
    cut: (milliseconds) => {
      open = false
      for (const socket of sockets) socket.destroy()
      setTimeout(() => (open = true), milliseconds)
    },
    sent: () => bytes,
    onSent: () => undefined,
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
