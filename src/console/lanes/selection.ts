import { computed } from '@preact/signals'
import type { Subject } from '../events/describe-event.ts'
import { parameter, route, setParameter } from '../routes/navigation.ts'

const NAME = 'lane'
const KINDS = ['Listener', 'Connector', 'MultiKeyListener', 'Router', 'Site'] as const

export const selectedLane = computed<Subject | undefined>(() => {
  if (route.value.page !== 'lanes') return undefined
  const [kind, namespace, name] = (parameter(NAME) ?? '').split('/')
  const known = KINDS.find(each => each === kind)
  return known && namespace && name ? { kind: known, namespace, name } : undefined
})

export const selectedKey = computed(() => {
  const lane = selectedLane.value
  return lane && `${lane.kind}/${lane.namespace}/${lane.name}`
})

export const selectLane = ({ kind, namespace, name }: Subject): void =>
  setParameter(NAME, `${kind}/${namespace}/${name}`)

export const closeLane = (): void => setParameter(NAME, undefined)
