import type { StepScope } from '../time/step.ts'
import { type Subject, subjectOf } from './describe-event.ts'

export const ROUTER_TYPES = [
  'RouterAttached',
  'RouterConnected',
  'RouterLost',
  'RouterUnobserved',
  'RouterDetached',
  'RouterContested',
  'RouterUncontested',
  'RouterDriverChanged',
  'RouterCertificatesConfigured',
  'ListenerSeen',
  'ListenerGone',
  'ConnectorSeen',
  'ConnectorGone',
] as const

export const SITE_TYPES = [
  'SiteCreated',
  'SiteUpdated',
  'SiteRenamed',
  'SiteLabelsUpdated',
  'SiteAnnotationsUpdated',
  'SiteDeleted',
] as const

/** Selects also the events of another kind with the same name. */
export const scopeOf = ({ kind, namespace, name }: Subject): StepScope => {
  if (kind === 'Router') return { namespace, types: ROUTER_TYPES }
  return kind === 'Site' ? { namespace, types: SITE_TYPES } : { namespace, name }
}

export const isAbout = (event: { readonly type: string; readonly stream: string }, subject: Subject): boolean => {
  const found = subjectOf({ ...event, data: { name: subject.name } })
  return found?.kind === subject.kind
}
