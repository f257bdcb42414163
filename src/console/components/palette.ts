import { signal } from '@preact/signals'
import type { LaneStatus } from '../lanes/lane.ts'

export interface Palette {
  readonly line: string
  readonly lineStrong: string
  readonly ink: string
  readonly inkSoft: string
  readonly surface: string
  readonly sunken: string
  readonly accent: string
  readonly accentSoft: string
  readonly pastLine: string
  /** Over what comes after the moment shown; words below it stay readable. */
  readonly veil: string
  readonly density: string
  readonly statuses: Readonly<Record<LaneStatus, StatusColours>>
}

interface StatusColours {
  readonly stroke: string
  readonly fill: string
  readonly text: string
}

const readPalette = (): Palette => {
  const styles = getComputedStyle(document.documentElement)
  const colour = (name: string): string => styles.getPropertyValue(`--${name}`).trim()
  const status = (name: string): StatusColours => ({
    stroke: colour(name),
    fill: colour(`${name}-fill`),
    text: colour(`${name}-text`),
  })
  return {
    line: colour('line'),
    lineStrong: colour('line-strong'),
    ink: colour('ink'),
    inkSoft: colour('ink-soft'),
    surface: colour('surface'),
    sunken: colour('sunken'),
    accent: colour('accent'),
    accentSoft: colour('accent-soft'),
    pastLine: colour('past-line'),
    veil: colour('veil'),
    density: colour('density'),
    statuses: {
      Ready: status('ready'),
      Pending: status('pending'),
      Error: status('error'),
      Unknown: status('unknown'),
      NotObserved: status('unknown'),
    },
  }
}

export const palette = signal(readPalette())

export const followColourScheme = (): void =>
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    palette.value = readPalette()
  })
