import type { Command } from 'commander'

export interface SiteProperties {
  readonly linkAccess?: string
  readonly defaultIssuer?: string
  readonly serviceAccount?: string
  readonly ha?: boolean
  readonly edge?: boolean
}

export const withSiteProperties = (command: Command): Command =>
  command
    .option('--link-access <access>', 'how other sites reach it: none, default, route, loadbalancer or ingress')
    .option('--default-issuer <name>', 'the Secret with the authority that signs certificates for tokens')
    .option('--service-account <name>', "the service account of the site's router")
    .option('--ha', 'run two routers')
    .option('--no-ha', 'run one router')
    .option('--edge', 'accept no links from other sites')
    .option('--no-edge', 'accept links from other sites')

export const propertiesOf = ({ linkAccess, defaultIssuer, serviceAccount, ha, edge }: SiteProperties): object =>
  Object.fromEntries(
    Object.entries({ linkAccess, defaultIssuer, serviceAccount, ha, edge }).filter(([, value]) => value !== undefined),
  )
