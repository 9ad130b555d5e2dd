import { readFile } from 'node:fs/promises'
import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MiddlewareHandler } from 'hono'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Folder of the compiled pages, next to the compiled server. */
export const ASSETS = fileURLToPath(new URL('../explorer/', import.meta.url))

/** Serves the compiled pages: files by name, and the single page for all other addresses. */
export function serveAssets(folder: string): MiddlewareHandler {
  // Only files that exist at the start are served: no name in a request becomes a path.
  const names = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
        name.replaceAll('\\', '/'),
      )
    : []
  return async (context, next) => {
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') return next()
    const asked = context.req.path.slice(1)
    const name = names.includes(asked) && extname(asked) !== '' ? asked : 'index.html'
    if (name === 'index.html' && (extname(asked) !== '' || !names.includes(name))) return next()
    const body = await readFile(join(folder, name))
    return context.body(new Uint8Array(body), 200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      // The names of these files change with their content.
      'cache-control': name.startsWith('assets/') ? 'private, max-age=31536000' : 'no-cache',
    })
  }
}
