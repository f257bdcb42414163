import type { Client } from '../../client/client.ts'
import {
  MultiKeyListenerTimelineDocument,
  TimelineDocument,
  type TimelineFragment,
  type TimelineQueryVariables,
} from '../../client/generated.ts'
import { listeners } from '../../resources/listeners.ts'
import { multiKeyListeners } from '../../resources/multi-key-listeners.ts'

export const LISTENER_KINDS = [listeners, multiKeyListeners]

export const findTimeline = async (
  client: Client,
  kind: string,
  variables: TimelineQueryVariables,
): Promise<TimelineFragment | undefined> => {
  if (kind === multiKeyListeners.kind)
    return (await client.request(MultiKeyListenerTimelineDocument, variables)).multiKeyListener?.conditionTimeline
  return (await client.request(TimelineDocument, variables)).listener?.conditionTimeline
}
