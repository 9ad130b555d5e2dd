import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxBytes } from '../encode/onnx-bytes.js'
import { usePlace } from './place.js'
import { cli, useCli } from './run.js'

useCli()
const place = usePlace()
const run = (...args: string[]) => cli(args, { place: place.db })
let folder = ''

/** Two classes with different colours, six images each. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-pictures-'))
  for (const [name, background] of Object.entries({ red: '#c02020', blue: '#2020c0' })) {
    await mkdir(join(folder, 'images', name), { recursive: true })
    for (let i = 0; i < 6; i++) {
      const create = { width: 16, height: 16, channels: 3 as const, background }
      await sharp({ create })
        .modulate({ brightness: 0.7 + 0.1 * i })
        .png()
        .toFile(join(folder, 'images', name, `${i}.png`))
    }
  }
  await writeFile(join(folder, 'own.onnx'), onnxBytes(8))
})
afterAll(() => rm(folder, { recursive: true }))

describe('pg-lsh with images', () => {
  const model = () => join(folder, 'own.onnx')

  it('reports what is missing from a model', async () => {
    const { code, stderr } = await run('encode', '--space', 'image_own', '--model', model())
    expect(code).toBe(2)
    expect(stderr).toMatch(/own\.json does not exist\nhint: .*"size": 224/)
  })

  it('encodes with a model, searches with a file, and writes a page', async () => {
    await writeFile(join(folder, 'own.json'), '{ "size": 8 }')
    const images = join(folder, 'images')
    expect((await run('load', 'images', images, '--dataset', 'made')).code).toBe(0)
    const encoded = await run('encode', '--space', 'image_own', '--model', model(), '--json')
    expect(encoded.stderr).toContain('image_own: 3 numbers per item')
    expect(JSON.parse(encoded.stdout)).toEqual({ space: 'image_own', items: 12 })
    expect((await run('index', 'create', '--space', 'image_own')).code).toBe(0)
    const file = join(folder, 'new.jpeg')
    const create = { width: 20, height: 20, channels: 3 as const, background: '#b82828' }
    await sharp({ create }).jpeg().toFile(file)
    const found = await run('search', '--space', 'image_own', '--file', file, '-k', '3', '--json')
    const { neighbours } = JSON.parse(found.stdout) as { neighbours: { label: string }[] }
    expect(neighbours.map(({ label }) => label)).toEqual(['red', 'red', 'red'])
    const reported = await run('report', '--dataset', 'made', '--out', join(folder, 'page'))
    expect(reported.code).toBe(0)
    const page = await readFile(join(folder, 'page', 'index.html'), 'utf8')
    expect(page).toContain('Similar images of data set made')
    expect(page.match(/<figure class="panel"/g)).toHaveLength(3)
  })

  it('refuses to train a family on the labels of an unknown space', async () => {
    const { code, stderr } = await run('family', 'train', '--space', 'nowhere', '--labels')
    expect(code).toBe(1)
    expect(stderr).toContain('space "nowhere" does not exist')
  })
})
