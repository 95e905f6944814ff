import { z } from 'zod'
import { IdSchema } from './asset.ts'
import { CalibrationSchema } from './calibration.ts'

const FractionSchema = z.number().min(0).max(1)

const CornerSchema = z.tuple([FractionSchema, FractionSchema])

/**
 * A zone in the picture: corners as fractions of width and height. A box is in it by its bottom centre. A line that rules
 * ask `crossed` of has no polygon: nothing is in it.
 */
export const PictureZoneSchema = z
  .object({
    id: IdSchema,
    /** What the zone is for, for example `no-parking`; rules ask for the type. */
    type: z.string().min(1).max(32),
    polygon: z.array(CornerSchema).min(3).default([]),
    line: z.array(CornerSchema).min(2).optional(),
    /** A thing is in it once so many looks have shown it there; it then was from the first of them on. */
    inertia: z.number().int().min(1).max(100).optional(),
    /** The asset that the zone shows, for example the cover whose place it is: an alert from it bears that place. */
    asset: IdSchema.optional(),
  })
  .refine(({ polygon, line }) => polygon.length > 0 || line !== undefined, 'a zone needs a polygon or a line')
export type PictureZone = z.infer<typeof PictureZoneSchema>

export const CameraSourceSchema = z.discriminatedUnion('type', [
  /** A video or picture file. `start` declares the event time of its first picture, so that minutes of video run in seconds. */
  z.object({ type: z.literal('file'), path: z.string(), start: z.string().optional(), loop: z.boolean().default(false), realtime: z.boolean().default(false) }),
  z.object({ type: z.literal('rtsp'), url: z.string() }),
  z.object({ type: z.literal('http'), url: z.string() }),
  /** Frames that a gateway pushes over MQTT. Without a name the first gateway that does owns the camera, as of any device. */
  z.object({ type: z.literal('gateway'), gateway: IdSchema.nullable().default(null) }),
])
export type CameraSource = z.infer<typeof CameraSourceSchema>

/** A rule that this camera serves: in which of its zones, when, and with which params of its own. */
export const AlgorithmSchema = z.object({
  rule: z.string(),
  zones: z.array(IdSchema).default([]),
  /** Id of a calendar; null: always. */
  schedule: z.string().nullable().default(null),
  /** Longest allowed time between two looks, in seconds; null: the platform's own (`inference.everyS`). */
  everyS: z.number().min(0.1).max(86_400).nullable().default(null),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
})
export type Algorithm = z.infer<typeof AlgorithmSchema>

/** Which of its pictures are worth a look: those in which something moved in a zone, or stands and may be judged soon, or that are due. */
export const GateSchema = z.object({
  /** `live`: where pictures do not wait; a file that is not played in real time is looked at whole. */
  use: z.enum(['live', 'always', 'never']).default('live'),
  /** A zone has moved when at least this share of it changed. */
  share: z.number().min(0.0001).max(1).default(0.01),
  /** Changes of brightness below this (of 255) are noise, whatever the camera. */
  floor: z.number().min(1).max(128).default(10),
  /** What stands still is looked at this often, in seconds; null: as often as its algorithms must be served. */
  everyS: z.number().min(0.1).max(86_400).nullable().default(null),
})
export type GateConfig = z.infer<typeof GateSchema>

/** What a camera looks for and where; versioned, edited by `PUT cameras/{id}`. */
export const CameraConfigSchema = z.object({
  source: CameraSourceSchema.nullable().default(null),
  /** Model manifest id (inference/models/). */
  model: z.string().nullable().default(null),
  /** Manifest id of a second stage that reads what the model has found, plates for example; null: nothing is read. */
  reader: z.string().nullable().default(null),
  fps: z.number().min(0.01).max(30).default(1),
  zones: z.array(PictureZoneSchema).default([]),
  /** Objects below this are dropped; between it and the rule's own threshold they are kept as sub-threshold objects. */
  keepScore: z.number().min(0.01).max(1).default(0.1),
  /** Rules that it serves; null: every rule over scenes that selects it. */
  algorithms: z.array(AlgorithmSchema).nullable().default(null),
  /** With it what it sees has a place on the map; checked by `homographyOf`. */
  calibration: CalibrationSchema.nullable().default(null),
  gate: GateSchema.prefault({}),
  /** Its stream is held open, however rarely it must be looked at. */
  pinned: z.boolean().default(false),
})
export type CameraConfig = z.infer<typeof CameraConfigSchema>
