import pg from 'pg'

/** Runs work on a server with a connection of its own. */
export async function onServer<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The URL of another database on the same server. */
export function withDatabase(url: string, name: string): string {
  const place = new URL(url)
  place.pathname = `/${name}`
  return place.toString()
}
