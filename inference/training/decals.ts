import type { Canvas } from './canvas.ts'
import type { Projection } from './view.ts'

/** A thing that lies flat on the ground. */
export interface Decal {
  /** Half its extent along and across its heading, metres. */
  half: readonly [number, number]
  /** Writes red, green, blue, cover (0–1), and whether this belongs to what is labelled (0 or 1), at a place `u` ahead and `v` to the right. */
  paint(out: Float32Array, u: number, v: number, pixelM: number): void
}

/** Where it lies and how it is turned: heading 0 is along the road. */
export interface Place {
  x: number
  z: number
  heading: number
}

/** Paints a decal on the ground that is already there; `id` 0 for what is not sought. */
export function paintDecal(canvas: Canvas, projection: Projection, { half, paint }: Decal, { x, z, heading }: Place, id: number): void {
  const [sin, cos] = [Math.sin(heading), Math.cos(heading)]
  const frame = frameOf(projection, half, (u, v) => [x + u * sin + v * cos, 0, z + u * cos - v * sin])
  if (!frame) return
  const out = new Float32Array(5)
  const { rgb, near, ids, light, width } = canvas
  for (let py = frame.top; py <= frame.bottom; py++) {
    const [rx, ry, rz] = projection.ray(0.5, py + 0.5)
    const [ex, ey, ez] = projection.ray(1.5, py + 0.5)
    for (let px = frame.left, pixel = py * width + px; px <= frame.right; px++, pixel++) {
      const fall = -(ry + (ey - ry) * px)
      if (fall < 1e-3) continue
      const depth = projection.view.height / fall
      const dx = projection.view.x + depth * (rx + (ex - rx) * px) - x
      const dz = depth * (rz + (ez - rz) * px) - z
      const u = dx * sin + dz * cos
      const v = dx * cos - dz * sin
      if (Math.abs(u) > half[0] || Math.abs(v) > half[1]) continue
      out[3] = 0
      out[4] = 0
      paint(out, u, v, depth / projection.focal)
      const cover = out[3] as number
      if (cover <= 0) continue
      if (out[4] === 1) {
        canvas.touch(pixel, id)
        ids[pixel] = id
        near[pixel] = 0.998 / depth
      }
      const lit = light[pixel] as number
      for (let i = 0; i < 3; i++) rgb[pixel * 3 + i] = (rgb[pixel * 3 + i] as number) * (1 - cover) + (out[i] as number) * lit * cover
    }
  }
}

/** The pixels among which it can be; undefined when it is outside the picture. */
function frameOf(
  projection: Projection,
  [a, b]: readonly [number, number],
  at: (u: number, v: number) => [number, number, number],
): { left: number; right: number; top: number; bottom: number } | undefined {
  const { width, height } = projection
  const corners = [at(-a, -b), at(a, -b), at(a, b), at(-a, b)].map((corner) => projection.toPixel(corner))
  // Part of it is behind the camera: anywhere in the picture may be the rest.
  if (corners.every((corner) => corner === undefined)) return undefined
  if (corners.some((corner) => corner === undefined)) return { left: 0, right: width - 1, top: 0, bottom: height - 1 }
  const xs = corners.map((corner) => (corner as [number, number])[0])
  const ys = corners.map((corner) => (corner as [number, number])[1])
  const frame = {
    left: Math.max(0, Math.floor(Math.min(...xs))),
    right: Math.min(width - 1, Math.ceil(Math.max(...xs))),
    top: Math.max(0, Math.floor(Math.min(...ys))),
    bottom: Math.min(height - 1, Math.ceil(Math.max(...ys))),
  }
  return frame.left > frame.right || frame.top > frame.bottom ? undefined : frame
}
