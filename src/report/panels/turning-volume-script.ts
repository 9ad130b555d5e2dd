import { RAY_CASTER_SCRIPT } from './ray-caster-script.js'

/**
 * The script of a page with figures of `renderTurningVolumes`: the volumes of a figure rotate together, by mouse,
 * finger or keyboard. Directions are in mm: x along the columns, to the patient's left; y along the rows, to posterior;
 * z along the slices, to the feet.
 */
export const TURNING_VOLUME_SCRIPT = `(() => {
${RAY_CASTER_SCRIPT}
  const STEP = Math.PI / 36
  const START = { yaw: -Math.PI / 6, pitch: Math.PI / 12 }
  /** Milliseconds that a picture may take while it moves, and of rest after which it is drawn finely. */
  const MOVING = 40
  const REST = 200

  const axesOf = ({ yaw, pitch }) => {
    const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)]
    return { right: [cy, sy, 0], down: [sy * sp, -cy * sp, cp], away: [-sy * cp, cy * cp, sp] }
  }

  /** One middle and one scale for all volumes, or they could not be compared. */
  const frameOf = (volumes, lowest, voxelMm) => {
    const corners = (pick, side) => [0, 1, 2].map((axis) => pick(...volumes.map(({ box }) => box[side][axis])))
    const [low, high] = [corners(Math.min, 'low'), corners(Math.max, 'high')]
    const middle = low.map((from, axis) => (from + high[axis]) / 2)
    const reach = Math.max(...volumes.map((volume) => reachOf(volume, lowest, middle, voxelMm)))
    return { middle, radiusMm: reach + Math.max(...voxelMm) }
  }

  const label = (context, radiusMm, { right, down }, side) => {
    context.font = Math.round(side / 24) + 'px sans-serif'
    context.textBaseline = 'middle'
    context.lineWidth = 3
    context.strokeStyle = '#000'
    context.fillStyle = '#fff'
    const write = (text, x, y) => {
      context.strokeText(text, x, y)
      context.fillText(text, x, y)
    }
    context.textAlign = 'center'
    for (const [axis, names] of ['RL', 'AP', 'HF'].entries()) {
      const [x, y] = [right[axis], down[axis]]
      // An axis that points at the reader has no end to write at.
      if (Math.hypot(x, y) < 0.35) continue
      write(names[0], side * (0.5 - 0.46 * x), side * (0.5 - 0.46 * y))
      write(names[1], side * (0.5 + 0.46 * x), side * (0.5 + 0.46 * y))
    }
    context.fillRect(side * 0.03, side * 0.965, (25 * side) / radiusMm, 2)
    context.textAlign = 'left'
    write('50 mm', side * 0.03, side * 0.93)
  }

  const degrees = (angle) => Math.round((angle * 180) / Math.PI).toString().replace('-', '−') + '°'

  for (const figure of document.querySelectorAll('.turning')) {
    const view = JSON.parse(figure.dataset.view)
    const canvases = [...figure.querySelectorAll('canvas')]
    const told = figure.querySelector('output')
    const levels = view.surfaces.map(({ level }) => level).sort((a, b) => a - b)
    const volumes = canvases.map((canvas) => openVolume(canvas.dataset.values, view.size, levels))
    Object.assign(view, frameOf(volumes, levels[0], view.voxelMm))
    const turn = { ...START }
    let [waiting, timer, held, share] = [false, 0, null, 0.5]

    const paint = (fineness) => {
      const seen = axesOf(turn)
      canvases.forEach((canvas, i) => {
        const context = canvas.getContext('2d')
        const side = Math.round(canvas.width * fineness)
        const image = context.createImageData(side, side)
        castRays(view, volumes[i], seen, side, image.data)
        context.putImageData(image, 0, 0)
        if (fineness < 1) context.drawImage(canvas, 0, 0, side, side, 0, 0, canvas.width, canvas.width)
        label(context, view.radiusMm, seen, canvas.width)
      })
      told.textContent = 'Turned by ' + degrees(turn.yaw) + ', tilted by ' + degrees(turn.pitch) + '.'
    }
    // As finely as the machine can follow while it moves, and fully once it rests.
    const show = () => {
      clearTimeout(timer)
      if (waiting) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        const start = performance.now()
        paint(share)
        const ratio = MOVING / Math.max(1, performance.now() - start)
        share = Math.min(1, Math.max(0.2, share * Math.sqrt(Math.min(2, ratio))))
        clearTimeout(timer)
        timer = setTimeout(() => paint(1), REST)
      })
    }
    const turnBy = (yaw, pitch) => {
      turn.yaw = (turn.yaw + yaw) % (2 * Math.PI)
      turn.pitch = Math.min(Math.PI / 2, Math.max(-Math.PI / 2, turn.pitch + pitch))
      show()
    }
    const keys = {
      ArrowLeft: () => turnBy(STEP, 0),
      ArrowRight: () => turnBy(-STEP, 0),
      ArrowUp: () => turnBy(0, -STEP),
      ArrowDown: () => turnBy(0, STEP),
      Home: () => turnBy(START.yaw - turn.yaw, START.pitch - turn.pitch),
    }
    for (const canvas of canvases) {
      canvas.addEventListener('pointerdown', (event) => {
        held = [event.clientX, event.clientY]
        canvas.setPointerCapture(event.pointerId)
      })
      canvas.addEventListener('pointermove', (event) => {
        if (!held) return
        const pace = Math.PI / canvas.clientWidth
        turnBy((held[0] - event.clientX) * pace, (event.clientY - held[1]) * pace)
        held = [event.clientX, event.clientY]
      })
      for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (held = null))
      canvas.addEventListener('keydown', (event) => {
        const act = keys[event.key]
        if (!act) return
        event.preventDefault()
        act()
      })
    }
    paint(1)
  }
})()
`
