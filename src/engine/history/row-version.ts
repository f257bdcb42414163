import type { Position } from '../../../schemas/events/recorded-event.ts'

/** `patch` is a merge patch on the previous version. */
export const VERSION_KIND = { whole: 0, patch: 1, removed: 2 } as const
export type VersionKind = (typeof VERSION_KIND)[keyof typeof VERSION_KIND]

export interface RowVersion {
  readonly position: Position
  readonly time: number
  readonly type: string
  readonly kind: VersionKind
  /** JSON; empty for a removed row. */
  readonly body: string
}

export interface StoredVersion extends RowVersion {
  readonly scope: string
  readonly key: string
}

/** In order of position. */
export interface VersionsOfRow {
  readonly scope: string
  readonly key: string
  readonly versions: readonly StoredVersion[]
}

export const versionsByRow = (versions: Iterable<StoredVersion>): VersionsOfRow[] => {
  const rows: VersionsOfRow[] = []
  const found = new Map<string, Map<string, StoredVersion[]>>()
  for (const version of versions) {
    const { scope, key } = version
    let ofScope = found.get(scope)
    if (ofScope === undefined) {
      ofScope = new Map()
      found.set(scope, ofScope)
    }
    const ofRow = ofScope.get(key)
    if (ofRow !== undefined) {
      ofRow.push(version)
      continue
    }
    const first = [version]
    ofScope.set(key, first)
    rows.push({ scope, key, versions: first })
  }
  return rows
}

export interface Filing {
  readonly scope: string
  readonly index: string
  readonly value: string
  readonly key: string
}

export const scopeOf = (model: string, table: string): string => `${model}/${table}`

/** Two lines: a thread receives one long text far faster than many objects. */
export const encodeVersion = (scope: string, key: string, version: RowVersion): string => {
  const { position, time, kind, type, body } = version
  return `["${scope}",${JSON.stringify(key)},${position},${time},${kind},"${type}"]\n${body}`
}

export function* decodeVersions(text: Uint8Array): Iterable<StoredVersion> {
  const lines = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString().split('\n')
  for (let line = 0; line < lines.length; line += 2) {
    const [scope, key, position, time, kind, type] = JSON.parse(lines[line] as string)
    yield { scope, key, position, time, kind, type, body: lines[line + 1] as string }
  }
}
