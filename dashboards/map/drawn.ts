/** A mark and where on the screen it is, in pixels from the map's left top. */
interface Spot {
  x: number
  y: number
}

/**
 * What the map shows at this moment. A canvas says nothing to who cannot see it; this is what it would say. It stands on the
 * map's element as `drawn()`.
 */
export interface Drawn {
  zoom: number
  /** Ids of the assets that stand still and are drawn each by itself, by kind. */
  points: Record<'cover' | 'camera' | 'sensor', string[]>
  /** Of those that are drawn as one, how many each stands for. */
  clusters: Record<'cover' | 'camera' | 'sensor', number[]>
  vehicles: (Spot & { id: string; lon: number; lat: number })[]
  /** Marks of alerts; one for those too near to be told apart. */
  alerts: (Spot & { ids: string[] })[]
  /** Names written on the ground, each once. */
  names: string[]
}
