import { z } from 'zod'
import type { AssetId } from './ids.ts'
import { isId } from './ids.ts'

export const IdSchema = z.string().refine(isId, 'must match [A-Za-z0-9][A-Za-z0-9_.-]{0,63} without ".."')
export const LonSchema = z.number().min(-180).max(180)
export const LatSchema = z.number().min(-90).max(90)
export const TextsSchema = z.object({ zh: z.string(), en: z.string() })
/** A name for people, in both languages. */
export type Texts = z.infer<typeof TextsSchema>

export const ASSET_KINDS = ['cover', 'vehicle', 'camera', 'zone', 'sensor', 'other'] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

const PointSchema = z.tuple([LonSchema, LatSchema])
const RingSchema = z.array(PointSchema).min(3)

export const AssetSchema = z.object({
  id: IdSchema,
  kind: z.enum(ASSET_KINDS),
  name: z.string().max(200).default(''),
  lon: LonSchema.nullable().default(null),
  lat: LatSchema.nullable().default(null),
  /** Devices that watch it; without any, the device of the same id. */
  devices: z.array(IdSchema).default([]),
  /** Code of the area (district, street or community) and id of the grid that it lies in. */
  area: z.string().max(32).nullable().default(null),
  grid: z.string().max(32).nullable().default(null),
  department: z.string().max(100).nullable().default(null),
  /** Component code with its system, for example { system: "GB/T 47678.5-2026", kind: "component", code: "01002" }. */
  matter: z
    .object({ system: z.string(), kind: z.enum(['component', 'matter']), code: z.string() })
    .nullable()
    .default(null),
  /**
   * For kind zone: what sort (`banned`, `depot`, `site`, `route` …) and its outline, WGS-84; a route is a `line` and needs no
   * outline. `calendar`: it is one only while the calendar of this id is on.
   */
  zone: z
    .object({ type: z.string().max(32), polygon: z.array(RingSchema).default([]), line: z.array(PointSchema).min(2).optional(), calendar: z.string().max(64).optional() })
    .refine(({ polygon, line }) => polygon.length > 0 || line !== undefined, 'a zone needs a polygon or a line')
    .nullable()
    .default(null),
  /** Free labels that rules select by, for example { fleet: "north" }. */
  labels: z.record(z.string().max(32), z.string().max(100)).default({}),
  /** What the asset may do, when and where, for example a muck truck's transport permit; `zone` is a zone's id, also a route's; `calendar` its hours. */
  permits: z
    .array(
      z.object({
        type: z.string().max(32),
        from: z.number().nullable().default(null),
        to: z.number().nullable().default(null),
        zone: z.string().nullable().default(null),
        calendar: z.string().max(64).optional(),
      }),
    )
    .default([]),
  /** `auto`: nobody registered it, a device reported. */
  origin: z.enum(['registered', 'auto']).default('registered'),
})
/** A thing in the city's register that devices watch. */
export type Asset = Omit<z.infer<typeof AssetSchema>, 'id'> & { id: AssetId }

/** Devices of an asset: those it names, else the one that bears its id. */
export function devicesOf(asset: Pick<Asset, 'id' | 'devices'>): readonly string[] {
  return asset.devices.length > 0 ? asset.devices : [asset.id]
}
