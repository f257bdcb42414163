import { z } from 'zod'
import { mustBe } from '../validation.ts'
import { flag, text } from './names.ts'
import { settings } from './settings.ts'

/** A site's spec. Every property is optional, and Skupper gives none of them a value where it is not written. */
export const siteSpec = z.strictObject(
  {
    linkAccess: text.optional(),
    defaultIssuer: text.optional(),
    edge: flag.optional(),
    ha: flag.optional(),
    serviceAccount: text.optional(),
    settings: settings.optional(),
  },
  mustBe('a site spec', 'object'),
)
export type SiteSpec = z.infer<typeof siteSpec>
