import type { Field } from './field.ts'

type Described = readonly [name: string, type: string, description: string, values?: readonly string[]]

const described = (fields: readonly Described[]): readonly Field[] =>
  fields.map(([name, type, description, values = []]) => ({
    name,
    type,
    description,
    values,
    isRequired: false,
    fields: [],
  }))

export const SITE_SPEC: Field = {
  name: 'spec',
  type: 'SiteSpec',
  isRequired: false,
  description: 'Desired state, without defaults. Skupper acts on it; Hark keeps it.',
  values: [],
  fields: described([
    ['linkAccess', 'string', 'How other sites reach it: none, default, route, loadbalancer or ingress.'],
    ['defaultIssuer', 'string', 'Name of the Secret with the authority that signs certificates for tokens.'],
    ['edge', 'boolean', 'Whether it accepts no links from other sites.'],
    ['ha', 'boolean', 'Whether it runs two routers.'],
    ['serviceAccount', 'string', "Name of the service account of the site's router."],
    ['settings', 'map[string]string', 'Additional settings.'],
  ]),
}

export const SITE_STATUS: Field = {
  name: 'status',
  type: 'SiteStatus',
  isRequired: false,
  description: 'Observed state.',
  values: [],
  fields: described([
    ['status', 'string', "Status summary, derived from the state of the site's router.", ['Pending', 'Error', 'Ready']],
    ['message', 'string', 'Human-readable message about the connection to the router.'],
  ]),
}
