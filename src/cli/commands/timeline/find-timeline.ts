import type { Client } from '../../client/client.ts'
import {
  MultiKeyListenerTimelineDocument,
  TimelineDocument,
  type TimelineFragment,
  type TimelineQueryVariables,
} from '../../client/generated.ts'
import { listeners } from '../../resources/listeners.ts'
import { multiKeyListeners } from '../../resources/multi-key-listeners.ts'

/** The kinds whose conditions have a timeline. */
export const LISTENER_KINDS = [listeners, multiKeyListeners]

/** Returns undefined if there is no listener of the kind and name at the moment. */
export const findTimeline = async (
  client: Client,
  kind: string,
  variables: TimelineQueryVariables,
): Promise<TimelineFragment | undefined> => {
  if (kind === multiKeyListeners.kind)
    return (await client.request(MultiKeyListenerTimelineDocument, variables)).multiKeyListener?.conditionTimeline
  return (await client.request(TimelineDocument, variables)).listener?.conditionTimeline
}
