import type { Severity } from '../../domain/rule.ts'

export const THEMES = ['dark', 'light'] as const
export type Theme = (typeof THEMES)[number]

/** Every colour of the page by theme: the style sheet, the components and the map take theirs from here. */
export interface Palette {
  ground: string
  panel: string
  raised: string
  line: string
  text: string
  muted: string
  /** What stands in an empty field. */
  faint: string
  accent: string
  accentText: string
  ok: string
  severity: Record<Severity, string>
  map: {
    land: string
    district: string
    border: string
    grid: string
    road: string
    roadEdge: string
    water: string
    waterText: string
    park: string
    label: string
    halo: string
    zone: string
    zoneBanned: string
    cover: string
    camera: string
    sensor: string
    vehicle: string
    vehicleIdle: string
    silent: string
    clusterText: string
  }
}

export const PALETTES: Record<Theme, Palette> = {
  dark: {
    ground: '#0c121c',
    panel: '#121a27',
    raised: '#1a2434',
    line: '#263247',
    text: '#e3eaf4',
    muted: '#93a3b8',
    faint: '#74849b',
    accent: '#4e9bff',
    accentText: '#ffffff',
    ok: '#41c994',
    severity: { critical: '#ff5263', major: '#ff9a3c', minor: '#f3cc45', info: '#62aefc' },
    map: {
      land: '#0f1724',
      district: '#121c2b',
      border: '#3a4c68',
      grid: '#1d2a3e',
      road: '#2b3b54',
      roadEdge: '#18222f',
      water: '#0e2a44',
      waterText: '#4f86b8',
      park: '#12291f',
      label: '#9fb0c8',
      halo: '#0c121c',
      zone: '#8b7cf6',
      zoneBanned: '#f0616d',
      cover: '#35b6a6',
      camera: '#5b7fb3',
      sensor: '#b48be0',
      vehicle: '#7fe3ff',
      vehicleIdle: '#5c6d84',
      silent: '#5b6678',
      clusterText: '#e3eaf4',
    },
  },
  light: {
    ground: '#eaeff5',
    panel: '#ffffff',
    raised: '#f4f7fa',
    line: '#d8e0ea',
    text: '#17222f',
    muted: '#56667a',
    faint: '#6f7e91',
    accent: '#1766d6',
    accentText: '#ffffff',
    ok: '#13855a',
    severity: { critical: '#cf1f36', major: '#c85a00', minor: '#947000', info: '#1f66c2' },
    map: {
      land: '#e9eef3',
      district: '#f3f6f9',
      border: '#9fb0c4',
      grid: '#dbe3ec',
      road: '#ffffff',
      roadEdge: '#cdd7e2',
      water: '#bcd9f0',
      waterText: '#3f76a5',
      park: '#d5e9d3',
      label: '#445368',
      halo: '#ffffff',
      zone: '#6a58d6',
      zoneBanned: '#d03a48',
      cover: '#0f8b7d',
      camera: '#5577a6',
      sensor: '#8651bd',
      vehicle: '#0a6fb0',
      vehicleIdle: '#8795a7',
      silent: '#9aa6b5',
      clusterText: '#17222f',
    },
  },
}
