/** A camera over a street. The world: X to the right of the road's axis, Y up, Z along the road, metres. */
export interface View {
  x: number
  /** Metres above the ground. */
  height: number
  /** Radians: to the right of the road's axis, down from the horizon, clockwise. */
  yaw: number
  pitch: number
  roll: number
  /** Horizontal field of view, radians. */
  fov: number
}

export type Point3 = readonly [x: number, y: number, z: number]

/** Nearer than this nothing is drawn, metres. */
export const NEAR_M = 0.25

/** World to pixels and, on the ground, back. */
export class Projection {
  readonly width: number
  readonly height: number
  readonly view: View
  /** Pixels per metre at 1 m. */
  readonly focal: number
  readonly #rows: readonly number[]

  constructor(view: View, width: number, height: number) {
    this.view = view
    this.width = width
    this.height = height
    this.focal = width / (2 * Math.tan(view.fov / 2))
    const [cy, sy] = [Math.cos(view.yaw), Math.sin(view.yaw)]
    const [cp, sp] = [Math.cos(view.pitch), Math.sin(view.pitch)]
    const [cr, sr] = [Math.cos(view.roll), Math.sin(view.roll)]
    const right = [cy, 0, -sy]
    const down = [-sy * sp, -cp, -cy * sp]
    const mix = (a: number, b: number) => right.map((value, i) => value * a + (down[i] as number) * b)
    this.#rows = [...mix(cr, sr), ...mix(-sr, cr), sy * cp, -sp, cy * cp]
  }

  /** World → camera (right, down, ahead), metres. */
  toCamera([x, y, z]: Point3): [number, number, number] {
    const m = this.#rows as [number, number, number, number, number, number, number, number, number]
    const dx = x - this.view.x
    const dy = y - this.view.height
    return [m[0] * dx + m[1] * dy + m[2] * z, m[3] * dx + m[4] * dy + m[5] * z, m[6] * dx + m[7] * dy + m[8] * z]
  }

  /** Where a point shows, in pixels; undefined behind the camera. */
  toPixel(point: Point3): [x: number, y: number] | undefined {
    const [x, y, z] = this.toCamera(point)
    return z < NEAR_M ? undefined : [this.width / 2 + (this.focal * x) / z, this.height / 2 + (this.focal * y) / z]
  }

  /** The direction in the world in which a pixel looks, 1 long along the camera's axis. */
  ray(px: number, py: number): [number, number, number] {
    const m = this.#rows as [number, number, number, number, number, number, number, number, number]
    const u = (px - this.width / 2) / this.focal
    const v = (py - this.height / 2) / this.focal
    return [m[0] * u + m[3] * v + m[6], m[1] * u + m[4] * v + m[7], m[2] * u + m[5] * v + m[8]]
  }

  /** Where on the ground a pixel looks, with its distance along the camera's axis; undefined above the horizon. */
  toGround(px: number, py: number): { x: number; z: number; depth: number } | undefined {
    const [dx, dy, dz] = this.ray(px, py)
    if (dy > -1e-4) return undefined
    const depth = this.view.height / -dy
    return { x: this.view.x + depth * dx, z: depth * dz, depth }
  }
}
