import fc from 'fast-check'
import { decode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { neuronPng, projectNeuron } from '../../../src/ingest/pictures/neuron-projection.js'
import { neuronName } from '../../../src/ingest/pictures/picture-source.js'
import { readSwc } from '../../../src/ingest/pictures/swc.js'

const Y = `# a comment
1 1 0 0 0 2 -1
2 3 0 10 0 1 1
3 3 -5 20 0 1 2
4 3 5 20 0 1 2
`

describe('readSwc', () => {
  it('reads points in any order and puts parents first', () => {
    const lines = Y.trim().split('\n').slice(1)
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: 4 }), (shuffled) => {
        const { content, attributes, remarks } = readSwc(shuffled.join('\r\n'))
        expect(attributes).toEqual({ format: 'swc', points: 4, roots: 1, soma: true })
        expect(remarks).toEqual([])
        content.parent.forEach((parent, i) => expect(parent).toBeLessThan(i))
        expect([...content.y]).toEqual([0, 10, 20, 20])
        expect([...content.type]).toEqual([1, 3, 3, 3])
        expect(content.radius[0]).toBe(2)
      }),
    )
  })

  it('accepts several roots, a missing soma, a radius of 0 and other names of types', () => {
    const { content, attributes } = readSwc(
      '1 2 0 0 0 0 -1\n2 9 1 0 0 0 1\n7 2 5 0 0 0 -1\n8 2 6 0 0 0 7\n',
    )
    expect(attributes).toEqual({ format: 'swc', points: 4, roots: 2, soma: false })
    expect([...content.parent]).toEqual([-1, 0, -1, 2])
  })

  it('treats a point whose parent is missing as a root, and reports it', () => {
    const { attributes, remarks } = readSwc(Y.replace('4 3 5 20 0 1 2', '4 3 5 20 0 1 99'))
    expect(attributes.roots).toBe(2)
    expect(remarks).toEqual([
      '1 point names a parent not in the file: these points are read as roots of separate trees',
    ])
  })

  it.each([
    ['', 'it has no points'],
    ['1 1 0 0 0 1 -1', 'it has a single point, and no branch'],
    [`${Y}4 3 0 0 0 1 1\n`, 'two points have number 4'],
    [`${Y}5 3 0 0 0 1 6\n6 3 0 0 0 1 5\n`, '2 points form a circle'],
    [`${Y}5 3 0 nan 0 1 1\n`, 'line 6 is not a point: id, type, x, y, z, radius and parent'],
    [`${Y}5 3 0 0 1\n`, 'line 6 is not a point: id, type, x, y, z, radius and parent'],
    ['("CellBody" (Color Red))', 'line 1 is not a point: id, type, x, y, z, radius and parent'],
  ])('refuses %j with a reason', (text, message) => {
    expect(() => readSwc(text)).toThrow(message)
  })
})

it('projectNeuron draws three sides at one scale, wherever the neuron lies', () => {
  const { content } = readSwc(Y)
  const drawn = projectNeuron(content, 50)
  const ink = (side: number) =>
    drawn.subarray(side * 2500, (side + 1) * 2500).reduce((sum, value) => sum + value, 0)
  // From the front: 20 of 20 µm, as 46 of 50 pixels, with two arms at the sides.
  expect(ink(0)).toBeGreaterThan(46)
  // Seen along y it is a line of 10 µm.
  expect(ink(1)).toBeLessThanOrEqual(25)
  const moved = readSwc(
    Y.replace(
      /^(\d+ \d) (-?\d+) (-?\d+)/gm,
      (_, a: string, x: string, y: string) => `${a} ${Number(x) + 64} ${Number(y) - 128}`,
    ),
  )
  expect(projectNeuron(moved.content, 50)).toEqual(drawn)
  expect(decode(neuronPng(content))).toMatchObject({ width: 288, height: 96, channels: 1 })
})

it('neuronName leaves out the part of a neuron that a file contains', () => {
  expect(['a/axon_49-LM.CNG.swc', 'b/dendrite_49-LM.CNG.swc', '49-LM.swc'].map(neuronName)).toEqual(
    ['49-LM', '49-LM', '49-LM'],
  )
})
