import { z } from 'zod'
import { formatPath, type Issue, mismatch, mustBe, toIssues } from '../validation.ts'
import { API_VERSION, KINDS, type Kind } from './kinds.ts'
import { annotationsInput, labelsInput } from './metadata.ts'
import { namespaceName, resourceName } from './names.ts'
import { RESOURCES } from './registry.ts'

const knownBefore = z.string(mustBe('a text', 'string')).nullish()

/** Labels or annotations replace those that there are. A uid or resourceVersion prevents lost updates. */
const metadata = z.looseObject(
  {
    name: resourceName,
    namespace: namespaceName.optional(),
    uid: knownBefore,
    resourceVersion: knownBefore,
    labels: labelsInput.nullish(),
    annotations: annotationsInput.nullish(),
  },
  mustBe('metadata', 'object'),
)

const apiVersion = z.literal(API_VERSION, mustBe(`the API version ${API_VERSION}`, 'string'))

/** Ignores the status, which `kubectl get -o yaml` includes. */
const manifestOf = <K extends Kind>(kind: K) =>
  z.strictObject({
    apiVersion,
    kind: z.literal(kind),
    metadata,
    spec: RESOURCES[kind].specInput,
    status: z.unknown().optional(),
  })

interface ManifestOf<K extends Kind> {
  readonly apiVersion: typeof API_VERSION
  readonly kind: K
  readonly metadata: z.output<typeof metadata>
  readonly spec: z.output<(typeof RESOURCES)[K]['specInput']>
}
export type Manifest = { readonly [K in Kind]: ManifestOf<K> }[Kind]

const manifests = Object.fromEntries(KINDS.map(kind => [kind, manifestOf(kind)])) as unknown as Readonly<
  Record<Kind, z.ZodType<Manifest>>
>

type ReadManifest =
  | {
      readonly outcome: 'manifest'
      readonly manifest: Manifest & { readonly metadata: { readonly namespace: string } }
    }
  /** Hark does not manage this kind. */
  | {
      readonly outcome: 'unknown'
      readonly kind: string
      readonly apiVersion: string
      readonly name: string
      readonly namespace?: string
    }
  | { readonly outcome: 'faulty'; readonly faults: Issue[] }

const header = z.looseObject(
  {
    apiVersion: z.string(mustBe('an API version', 'string')).min(1),
    kind: z.string(mustBe('a kind', 'string')).min(1),
  },
  mustBe('a manifest', 'object'),
)

const OTHER_SKUPPER_KINDS = [
  'AccessGrant',
  'AccessToken',
  'AttachedConnector',
  'AttachedConnectorBinding',
  'Certificate',
  'Link',
  'RouterAccess',
  'SecuredAccess',
]

const isKind = (kind: string): kind is Kind => (KINDS as readonly string[]).includes(kind)
const isSkupper = (version: string): boolean => version.split('/')[0] === 'skupper.io'

const metadataAt = (document: unknown, key: string): unknown =>
  (document as { metadata?: Record<string, unknown> | null }).metadata?.[key]

const textAt = (document: unknown, key: string): string | undefined => {
  const value = metadataAt(document, key)
  return typeof value === 'string' ? value : undefined
}

/**
 * @param document parsed YAML or JSON
 * @param under the path of the document in the request, for the paths of issues
 */
export const readManifest = (
  document: unknown,
  namespace: string | undefined,
  under: readonly PropertyKey[] = [],
): ReadManifest => {
  const head = header.safeParse(document)
  if (!head.success) return { outcome: 'faulty', faults: toIssues(head.error, under) }
  const { kind, apiVersion: version } = head.data
  if (!isSkupper(version) || OTHER_SKUPPER_KINDS.includes(kind)) {
    const own = textAt(document, 'namespace')
    return {
      outcome: 'unknown',
      kind,
      apiVersion: version,
      name: textAt(document, 'name') ?? '',
      ...(own && { namespace: own }),
    }
  }
  if (!isKind(kind)) {
    return {
      outcome: 'faulty',
      faults: [
        {
          path: formatPath([...under, 'kind']),
          message: mismatch(kind, `a kind of ${API_VERSION} (${KINDS.join(', ')})`, 'string'),
        },
      ],
    }
  }
  const parsed = manifests[kind].safeParse(document)
  const missing: Issue[] =
    namespace === undefined && metadataAt(document, 'namespace') === undefined
      ? [
          {
            path: formatPath([...under, 'metadata', 'namespace']),
            message: 'is missing: name one here or with the request',
          },
        ]
      : []
  if (!parsed.success || missing.length > 0) {
    return { outcome: 'faulty', faults: [...(parsed.success ? [] : toIssues(parsed.error, under)), ...missing] }
  }
  const manifest = parsed.data
  return {
    outcome: 'manifest',
    manifest: {
      ...manifest,
      metadata: { ...manifest.metadata, namespace: manifest.metadata.namespace ?? (namespace as string) },
    },
  }
}
