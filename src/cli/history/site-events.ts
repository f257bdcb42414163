import type { Client } from '../client/client.ts'
import type { EventFragment } from '../client/generated.ts'
import { eventPages, resourceTypes } from './events.ts'

interface SiteData {
  readonly name: string
  readonly uid: string
}

/** A renamed site keeps its uid, by which the events under its other names are found. */
export class SiteEvents {
  readonly #name: string
  readonly #uids = new Set<string>()

  constructor(name: string) {
    this.#name = name
  }

  static async of(client: Client, namespace: string, name: string): Promise<SiteEvents> {
    const events = new SiteEvents(name)
    for await (const page of eventPages(client, { namespace, types: await resourceTypes('Site') })) events.select(page)
    return events
  }

  select(events: readonly EventFragment[]): EventFragment[] {
    return events.filter(({ data }) => {
      const { name, uid } = data as SiteData
      if (name === this.#name) this.#uids.add(uid)
      return this.#uids.has(uid)
    })
  }
}
