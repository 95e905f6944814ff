import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Public models and videos beside the checkout; no part of the product. */
export const MATERIAL = resolve(import.meta.dirname, '../../../shared/material')
export const MODELS = [join(import.meta.dirname, '../../inference/models'), join(MATERIAL, 'models')]
export const MODEL = 'yolox-nano'
/** 12.5 pictures a second, 768 × 432. */
export const VIDEO = { path: join(MATERIAL, 'video/car-detection.mp4'), fps: 12.5 }

export function needMaterial(): void {
  if (!existsSync(VIDEO.path)) throw new Error(`this bench needs the public model and video in ${MATERIAL}`)
}
