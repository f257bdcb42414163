import type { Command } from '../../../schemas/commands.ts'
import type { DomainEvent, HarkEvent } from '../../../schemas/events/events.ts'
import { metadataEventOf } from '../../../schemas/resources/metadata.ts'
import { anyCommand, name, namespace, routingKey } from '../domain/arbitrary-commands.ts'
import { World } from '../domain/command-simulator.ts'
import fc from '../fast-check.ts'
import { type EventInput, recorded } from './recorded.ts'

const LINK = [
  'RouterAttached',
  'RouterConnected',
  'RouterLost',
  'RouterUnobserved',
  'RouterContested',
  'RouterUncontested',
  'RouterDetached',
  'RouterCertificatesConfigured',
] as const
const WORDS_OF_LISTENERS = [
  'ListenerAccepted',
  'ListenerRefused',
  'ListenerOpened',
  'ListenerFailedToOpen',
  'ListenerReached',
  'ListenerNotReached',
  'ListenerProbeInconclusive',
] as const
const WORDS_OF_CONNECTORS = ['ConnectorAccepted', 'ConnectorRefused'] as const
const WORDS_OF_MULTI_KEY_LISTENERS = [
  'MultiKeyListenerAccepted',
  'MultiKeyListenerRefused',
  'MultiKeyListenerOpened',
  'MultiKeyListenerFailedToOpen',
] as const

const identity = fc.constantFrom('1', '2', '3')

/** A report of a router, mostly about the current generation. */
const word = fc.record({
  word: fc.constantFrom(
    'ListenerAccepted',
    ...WORDS_OF_LISTENERS,
    ...WORDS_OF_CONNECTORS,
    ...WORDS_OF_MULTI_KEY_LISTENERS,
  ),
  namespace,
  name,
  generationsBehind: fc.constantFrom(0, 0, 0, 1),
  isOfAnother: fc.constantFrom(false, false, false, true),
})

/** Mostly connected, so that listeners become ready. */
const link = fc.record({
  link: fc.oneof({ weight: 3, arbitrary: fc.constant('RouterConnected' as const) }, fc.constantFrom(...LINK)),
  namespace,
})
const sight = fc.record({
  sight: fc.constantFrom('Listener', 'Connector'),
  isGone: fc.boolean(),
  namespace,
  identity,
  routingKey,
})
const command = fc.record({ command: anyCommand, commandId: fc.option(fc.uuid(), { nil: undefined, freq: 5 }) })

type Step = typeof word | typeof link | typeof sight | typeof command extends infer A
  ? A extends fc.Arbitrary<infer T>
    ? T
    : never
  : never

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: command },
  { weight: 3, arbitrary: word },
  { weight: 2, arbitrary: link },
  { weight: 2, arbitrary: sight },
)

const linkEvent = ({ link: type, namespace }: { link: (typeof LINK)[number]; namespace: string }): DomainEvent => {
  switch (type) {
    case 'RouterAttached':
      return { type, data: { namespace, url: 'amqp://router:5672' } }
    case 'RouterConnected':
      return { type, data: { namespace, id: 'router-1' } }
    case 'RouterLost':
      return { type, data: { namespace, reason: 'connection refused' } }
    case 'RouterUnobserved':
      return { type, data: { namespace, since: '2026-11-23T09:00:00.000Z' } }
    case 'RouterContested':
      return { type, data: { namespace, message: 'Another Hark drives this router as well' } }
    case 'RouterUncontested':
    case 'RouterDetached':
      return { type, data: { namespace } }
    case 'RouterCertificatesConfigured':
      return { type, data: { namespace, folder: '/run/certs' } }
  }
}

const sightEvent = (step: Extract<Step, { sight: string }>): DomainEvent => {
  const { sight, isGone, namespace, identity, routingKey } = step
  if (isGone) return { type: `${sight}Gone` as 'ListenerGone' | 'ConnectorGone', data: { namespace, identity } }
  return { type: `${sight}Seen` as 'ListenerSeen' | 'ConnectorSeen', data: { namespace, identity, routingKey } }
}

const kindOf = (type: string): string => /^(Connector|Site|MultiKeyListener)/.exec(type)?.[0] ?? 'Listener'

/** The current resources, for reports. */
class Existing {
  readonly #resources = new Map<string, { readonly uid: string; readonly generation: number }>()

  take({ type, data }: DomainEvent): void {
    if (metadataEventOf(type) !== undefined) return
    const {
      namespace,
      name,
      uid,
      generation = 1,
    } = data as { namespace: string; name: string; uid: string; generation?: number }
    this.#resources.set(`${kindOf(type)} ${namespace}/${name}`, { uid, generation })
  }

  /** A report; none about a resource that the router never had. */
  reports({ word, namespace, name, generationsBehind, isOfAnother }: Extract<Step, { word: string }>): DomainEvent[] {
    const resource = this.#resources.get(`${kindOf(word)} ${namespace}/${name}`)
    if (resource === undefined) return []
    const generation = Math.max(1, resource.generation - generationsBehind)
    const data = { namespace, name, uid: isOfAnother ? 'uid-of-another' : resource.uid, generation }
    const message = /Refused$|ToOpen$|NotReached$|Inconclusive$/.test(word) ? { message: 'in use' } : {}
    return [{ type: word, data: { ...data, ...message } } as DomainEvent]
  }
}

/** A created or moved listener reserves its endpoint first. */
const claimFor = (command: Command, stream: string, events: readonly DomainEvent[]): DomainEvent[] => {
  const created = events.find(event => event.type === 'ListenerCreated' || event.type === 'MultiKeyListenerCreated')
  if (created === undefined) return []
  const { namespace } = command
  const { host, port } = created.data.spec
  const claim = { stream, expectedRevision: -1, events: [] }
  return [{ type: 'EndpointReserved', data: { namespace, host, port, claim } }]
}

const logOf = (steps: readonly Step[]): HarkEvent[] => {
  const world = new World()
  const existing = new Existing()
  const inputs = steps.flatMap((step): EventInput[] => {
    if ('link' in step) return [linkEvent(step)]
    if ('sight' in step) return [sightEvent(step)]
    if ('word' in step) return existing.reports(step)
    const { stream, events } = world.run(step.command)
    for (const event of events) existing.take(event)
    const { commandId } = step
    return [
      ...claimFor(step.command, stream, events),
      ...events.map(event => ({ ...event, ...(commandId && { commandId }) })),
    ]
  })
  return recorded(inputs)
}

/** A valid log of commands and reports. */
export const anyLog: fc.Arbitrary<HarkEvent[]> = fc.array(step, { maxLength: 80, size: 'max' }).map(logOf)
