import type { Random } from '../../domain/random.ts'
import { noise } from './noise.ts'
import type { Point3 } from './view.ts'

/** Red, green, blue, 0–255. */
export type Rgb = readonly [number, number, number]

/** How a face is painted between its two colours; see paint.ts. */
export type Paint = 'plain' | 'panes' | 'facade' | 'ribs' | 'bows' | 'soil' | 'leaves' | 'wheel' | 'rim' | 'goods' | 'script' | 'bars' | 'glass'

export interface Skin {
  a: Rgb
  b?: Rgb
  paint?: Paint
  /** How much noise changes its brightness, 0–1. */
  grain?: number
  /** Shines by itself: 0 not at all, 1 as a lamp. */
  glow?: number
}

export interface Face {
  points: readonly Point3[]
  /** Two per point, metres on the face. */
  uv: readonly number[]
  skin: Skin
}

type Flat = readonly [number, number]

/** A thing made of flat convex faces; x ahead, y up, z to its right, metres, standing on y = 0. */
export class Mesh {
  readonly faces: Face[] = []

  polygon(points: readonly Point3[], skin: Skin, uv: readonly number[] = unrolled(points)): this {
    this.faces.push({ points, uv, skin })
    return this
  }

  box([x0, x1]: Flat, [y0, y1]: Flat, [z0, z1]: Flat, skin: Skin, top: Skin = skin): this {
    this.polygon(quad(x0, y0, z0, x1, y0, z0, x1, y1, z0, x0, y1, z0), skin)
    this.polygon(quad(x0, y0, z1, x1, y0, z1, x1, y1, z1, x0, y1, z1), skin)
    this.polygon(quad(x0, y0, z0, x0, y0, z1, x0, y1, z1, x0, y1, z0), skin)
    this.polygon(quad(x1, y0, z0, x1, y0, z1, x1, y1, z1, x1, y1, z0), skin)
    return this.polygon(quad(x0, y1, z0, x1, y1, z0, x1, y1, z1, x0, y1, z1), top)
  }

  /** A convex side view drawn out to both sides; `half` is half the width at a height. */
  prism(profile: readonly Flat[], half: (y: number) => number, skin: Skin): this {
    for (const side of [-1, 1])
      this.polygon(
        profile.map(([x, y]) => [x, y, side * half(y)] as const),
        skin,
      )
    for (const [i, [ax, ay]] of profile.entries()) {
      const [bx, by] = profile[(i + 1) % profile.length] as Flat
      this.polygon(quad(ax, ay, -half(ay), ax, ay, half(ay), bx, by, half(by), bx, by, -half(by)), skin)
    }
    return this
  }

  /** Part of a four-cornered face, lifted a little off it: a window, a plate. */
  panel(corners: readonly Point3[], [u0, u1]: Flat, [v0, v1]: Flat, skin: Skin, liftM = 0.02): this {
    const [a, b, c, d] = corners as [Point3, Point3, Point3, Point3]
    const away = awayOf(corners, liftM)
    const at = (u: number, v: number): Point3 => {
      const of = (i: 0 | 1 | 2) => (a[i] * (1 - u) + b[i] * u) * (1 - v) + (d[i] * (1 - u) + c[i] * u) * v + away[i]
      return [of(0), of(1), of(2)]
    }
    return this.polygon([at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], skin)
  }

  /** Upright disc across the z axis, `uv` from −1 to 1. */
  disc([x, y, z]: Point3, radius: number, skin: Skin, corners = 12): this {
    const points: Point3[] = []
    const uv: number[] = []
    for (let i = 0; i < corners; i++) {
      const [c, s] = [Math.cos((i / corners) * 2 * Math.PI), Math.sin((i / corners) * 2 * Math.PI)]
      points.push([x + radius * c, y + radius * s, z])
      uv.push(c, s)
    }
    return this.polygon(points, skin, uv)
  }

  /** A thick wheel with its outer faces. */
  wheel(x: number, z: number, radius: number, widthM: number, skin: Skin): this {
    this.disc([x, radius, z - widthM / 2], radius, skin, 10).disc([x, radius, z + widthM / 2], radius, skin, 10)
    const tread: Skin = { a: skin.a, grain: 0.3 }
    for (let i = 0; i < 8; i++) {
      const at = (k: number): Flat => [x + radius * Math.cos((k * Math.PI) / 4), radius + radius * Math.sin((k * Math.PI) / 4)]
      const [[ax, ay], [bx, by]] = [at(i), at(i + 1)]
      this.polygon(quad(ax, ay, z - widthM / 2, ax, ay, z + widthM / 2, bx, by, z + widthM / 2, bx, by, z - widthM / 2), tread)
    }
    return this
  }

  /** A limb or a pole: four-sided, with its own radius at each end. */
  tube(from: Point3, to: Point3, r0: number, r1: number, skin: Skin): this {
    const along = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const
    const upright = Math.abs(along[1]) > Math.hypot(along[0], along[2])
    const corner = (p: Point3, r: number, i: number): Point3 => {
      const [c, s] = [r * Math.cos((i * Math.PI) / 2 + 0.5), r * Math.sin((i * Math.PI) / 2 + 0.5)]
      return upright ? [p[0] + c, p[1], p[2] + s] : Math.abs(along[0]) > Math.abs(along[2]) ? [p[0], p[1] + c, p[2] + s] : [p[0] + c, p[1] + s, p[2]]
    }
    for (let i = 0; i < 4; i++) this.polygon([corner(from, r0, i), corner(from, r0, i + 1), corner(to, r1, i + 1), corner(to, r1, i)], skin)
    return this
  }

  /** An egg with dents: a head, a bag, a crown of leaves. `lumps`: 0 smooth. */
  blob([x, y, z]: Point3, [rx, ry, rz]: Point3, skin: Skin, lumps: number, random: Random, [around, levels]: Flat = [8, 5]): this {
    const [du, dv] = [random.between(0, 200), random.between(0, 200)]
    const at = (i: number, j: number): Point3 => {
      const [a, b] = [((i % around) / around) * 2 * Math.PI, (j / levels - 0.5) * Math.PI]
      const r = 1 + lumps * (noise(du + 2 * Math.cos(a) + 3 * b, dv + 2 * Math.sin(a)) - 0.5) * 2
      return [x + rx * r * Math.cos(b) * Math.cos(a), Math.max(0, y + ry * r * Math.sin(b)), z + rz * r * Math.cos(b) * Math.sin(a)]
    }
    for (let j = 0; j < levels; j++) for (let i = 0; i < around; i++) this.polygon([at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)], skin)
    return this
  }

  /** A roof with as many sides; colours change from side to side. */
  cone([x, y, z]: Point3, radius: number, rise: number, sides: number, skins: readonly Skin[]): this {
    const at = (i: number): Point3 => [x + radius * Math.cos((i / sides) * 2 * Math.PI), y, z + radius * Math.sin((i / sides) * 2 * Math.PI)]
    for (let i = 0; i < sides; i++) this.polygon([at(i), at(i + 1), [x, y + rise, z]], skins[i % skins.length] as Skin)
    return this
  }
}

export function quad(...v: readonly number[]): Point3[] {
  return [0, 3, 6, 9].map((i) => [v[i] as number, v[i + 1] as number, v[i + 2] as number])
}

/** Metres along the first edge and across it. */
function unrolled(points: readonly Point3[]): number[] {
  const [a, b] = points as [Point3, Point3]
  const along = unit([b[0] - a[0], b[1] - a[1], b[2] - a[2]])
  const across = unit(crossed(normalOf(points), along))
  return points.flatMap((p) => [dot(p, along) - dot(a, along), dot(p, across) - dot(a, across)])
}

export function normalOf(points: readonly Point3[]): Point3 {
  const [a, b, c] = points as [Point3, Point3, Point3]
  return unit(crossed([b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]))
}

/** Outwards, taking the middle of things to be on their axis at 1 m. */
function awayOf(corners: readonly Point3[], liftM: number): Point3 {
  const normal = normalOf(corners)
  const out = normal[0] * (corners[0] as Point3)[0] + normal[1] * ((corners[0] as Point3)[1] - 1) + normal[2] * (corners[0] as Point3)[2] < 0 ? -liftM : liftM
  return [normal[0] * out, normal[1] * out, normal[2] * out]
}

function crossed(a: Point3, b: Point3): Point3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

function dot(a: Point3, b: Point3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function unit(v: Point3): Point3 {
  const length = Math.hypot(...v) || 1
  return [v[0] / length, v[1] / length, v[2] / length]
}
