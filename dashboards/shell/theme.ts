import { theme as antd, type ThemeConfig } from 'antd'
import { PALETTES, type Theme } from './palette.ts'

/** Ant Design's tokens from our palette. */
export function themeOf(name: Theme): ThemeConfig {
  const palette = PALETTES[name]
  return {
    algorithm: [name === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm, antd.compactAlgorithm],
    token: {
      colorPrimary: palette.accent,
      colorInfo: palette.accent,
      colorLink: palette.accent,
      colorError: palette.severity.critical,
      colorWarning: palette.severity.major,
      colorSuccess: palette.ok,
      colorBgBase: palette.panel,
      colorBgContainer: palette.panel,
      colorBgElevated: palette.raised,
      colorBgLayout: palette.ground,
      colorBorder: palette.line,
      colorBorderSecondary: palette.line,
      colorBorderDisabled: palette.line,
      colorTextBase: palette.text,
      colorTextSecondary: palette.muted,
      colorTextDescription: palette.muted,
      colorTextPlaceholder: palette.faint,
      fontFamily: 'var(--font)',
      // The compact algorithm takes two off: 13 on the screen.
      fontSize: 15,
      borderRadius: 6,
      // Animations wait for frames, which a wall of maps has few of: what an operator opens is there at once.
      motion: false,
    },
    components: {
      Segmented: { trackBg: palette.ground, itemSelectedBg: name === 'dark' ? palette.line : palette.panel },
      Slider: {
        railBg: palette.line,
        railHoverBg: palette.line,
        trackBg: palette.accent,
        trackHoverBg: palette.accent,
        handleColor: palette.accent,
        dotBorderColor: palette.muted,
        dotSize: 6,
      },
    },
  }
}

/** The palette as CSS variables, so that style sheets and components agree. */
export function applyTheme(root: HTMLElement, name: Theme): void {
  const { map, severity, ...colors } = PALETTES[name]
  for (const [key, value] of Object.entries({ ...colors, ...severity, vehicle: map.vehicle, cover: map.cover, camera: map.camera, sensor: map.sensor, zone: map.zone })) {
    root.style.setProperty(`--${key}`, value)
  }
  root.style.colorScheme = name
  root.dataset.theme = name
}
