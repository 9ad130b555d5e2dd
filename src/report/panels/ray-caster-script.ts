/**
 * Ray caster of `TURNING_VOLUME_SCRIPT`, plain JavaScript for the browser: surfaces of equal value of a volume, lit by
 * a lamp at the reader's eye. Numbers and no arrays in its loops, which run millions of times for one picture.
 */
export const RAY_CASTER_SCRIPT = `
  // Room around the numbers, so that no sample and no slope looks outside.
  const PAD = 2
  const STRADDLES = -1

  const openVolume = (text, size, levels) => {
    const [nx, ny, nz] = size
    const [wx, wy, wz] = [nx + 2 * PAD, ny + 2 * PAD, nz + 2 * PAD]
    const values = new Float32Array(wx * wy * wz)
    const bytes = atob(text)
    for (let z = 0, from = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        const row = ((z + PAD) * wy + y + PAD) * wx + PAD
        for (let x = 0; x < nx; x++) values[row + x] = bytes.charCodeAt(from++)
      }
    }
    const volume = { values, wx, wy, wz, dz: wx * wy }
    return { ...volume, cells: cellsOf(volume, levels), box: boxOf(volume, levels[0]) }
  }

  /** Of each cell between eight numbers: one of them, or that a surface goes through. Most cells need no sampling. */
  const cellsOf = ({ values, wx, wy, wz, dz }, levels) => {
    const cells = new Int16Array(values.length)
    for (let z = 0; z < wz - 1; z++) {
      for (let y = 0; y < wy - 1; y++) {
        for (let x = 0, at = z * dz + y * wx; x < wx - 1; x++, at++) {
          let [low, high] = [Infinity, -Infinity]
          for (const base of [at, at + wx, at + dz, at + dz + wx]) {
            low = Math.min(low, values[base], values[base + 1])
            high = Math.max(high, values[base], values[base + 1])
          }
          cells[at] = levels.some((level) => low < level && high >= level) ? STRADDLES : low
        }
      }
    }
    return cells
  }

  const eachAbove = ({ values, wx, wy }, lowest, tell) =>
    values.forEach((value, i) => {
      if (value >= lowest) tell([i % wx, Math.floor(i / wx) % wy, Math.floor(i / (wx * wy))])
    })

  /** The part of a volume that reaches a value, and a cell around it. */
  const boxOf = (volume, lowest) => {
    const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]]
    eachAbove(volume, lowest, (place) => {
      for (let axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], place[axis] - 1)
        high[axis] = Math.max(high[axis], place[axis] + 1)
      }
    })
    return { low, high }
  }

  /** How far from a place, in mm, a volume reaches a value. */
  const reachOf = (volume, lowest, from, voxelMm) => {
    let most = 0
    eachAbove(volume, lowest, (place) => {
      most = Math.max(most, Math.hypot(...place.map((at, axis) => (at - from[axis]) * voxelMm[axis])))
    })
    return most
  }

  const sample = ({ values, wx, dz }, x, y, z) => {
    const i = x | 0, j = y | 0, k = z | 0
    const fx = x - i, fy = y - j, fz = z - k
    const a = k * dz + j * wx + i, b = a + wx, c = a + dz, d = b + dz
    const front = values[a] + fx * (values[a + 1] - values[a])
    const back = values[b] + fx * (values[b + 1] - values[b])
    const frontBelow = values[c] + fx * (values[c + 1] - values[c])
    const backBelow = values[d] + fx * (values[d + 1] - values[d])
    const above = front + fy * (back - front)
    return above + fz * (frontBelow + fy * (backBelow - frontBelow) - above)
  }

  /** Brightness of the surface at a place. */
  const shade = (volume, x, y, z, away, voxelMm) => {
    const gx = (sample(volume, x + 0.9, y, z) - sample(volume, x - 0.9, y, z)) / voxelMm[0]
    const gy = (sample(volume, x, y + 0.9, z) - sample(volume, x, y - 0.9, z)) / voxelMm[1]
    const gz = (sample(volume, x, y, z + 0.9) - sample(volume, x, y, z - 0.9)) / voxelMm[2]
    const facing = gx * away[0] + gy * away[1] + gz * away[2]
    return 0.25 + (0.75 * Math.abs(facing)) / (Math.sqrt(gx * gx + gy * gy + gz * gz) || 1)
  }

  /** Steps in which a ray is inside a box; none when the first is above the second. */
  const clip = ({ low, high }, origin, step) => {
    let [from, to] = [0, Infinity]
    for (let axis = 0; axis < 3; axis++) {
      // Never quite 0, so that a ray along a side is inside or outside for good.
      const pace = Math.abs(step[axis]) < 1e-9 ? 1e-9 : step[axis]
      const a = (low[axis] - origin[axis]) / pace
      const b = (high[axis] - origin[axis]) / pace
      from = Math.max(from, Math.min(a, b))
      to = Math.min(to, Math.max(a, b))
    }
    return [Math.ceil(from), to]
  }

  /** Draws a square of side * side pixels. */
  const castRays = (view, volume, { right, down, away }, side, pixels) => {
    const { voxelMm, surfaces, middle, radiusMm } = view
    const { cells, box, wx, dz } = volume
    const mm = (2 * radiusMm) / side
    const length = 0.6 * Math.min(...voxelMm)
    const step = away.map((part, axis) => (part * length) / voxelMm[axis])
    const [dx, dy, dzz] = step
    const origin = [0, 0, 0]
    for (let py = 0, at = 0; py < side; py++) {
      for (let px = 0; px < side; px++, at += 4) {
        const u = (px + 0.5 - side / 2) * mm, v = (py + 0.5 - side / 2) * mm
        for (let axis = 0; axis < 3; axis++) {
          const shift = right[axis] * u + down[axis] * v - away[axis] * radiusMm
          origin[axis] = middle[axis] + shift / voxelMm[axis]
        }
        const [from, to] = clip(box, origin, step)
        let red = 0, green = 0, blue = 0, open = 1, before = 0
        for (let t = from; t <= to && open > 0.03; t++) {
          const x = origin[0] + t * dx, y = origin[1] + t * dy, z = origin[2] + t * dzz
          const cell = cells[(z | 0) * dz + (y | 0) * wx + (x | 0)]
          const value = cell === STRADDLES ? sample(volume, x, y, z) : cell
          if (value > before) {
            for (let i = 0; i < surfaces.length; i++) {
              const { level, colour, opacity } = surfaces[i]
              if (before >= level || value < level) continue
              const back = t === from ? 0 : (value - level) / (value - before)
              const light = opacity * open * (1 - (0.35 * (t - back) * length) / (2 * radiusMm))
                * shade(volume, x - back * dx, y - back * dy, z - back * dzz, away, voxelMm)
              red += light * colour[0]
              green += light * colour[1]
              blue += light * colour[2]
              open *= 1 - opacity
            }
          }
          before = value
        }
        pixels[at] = red
        pixels[at + 1] = green
        pixels[at + 2] = blue
        pixels[at + 3] = 255
      }
    }
  }
`
