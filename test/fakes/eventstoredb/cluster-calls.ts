import type { EndPoint } from '@eventstore/db-client/generated/gossip_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { handleUnaryCall } from '@grpc/grpc-js'

const SERVER_VERSION = '23.10.0'

/** Lists the stream calls by their names in the service definition. */
export const supportedMethods: handleUnaryCall<unknown, InstanceType<typeof features.SupportedMethods>> = (
  _call,
  reply,
) => {
  const methods = Object.values(streams.StreamsService).map(({ path }) => {
    const [, service, method] = path.split('/')
    return new features.SupportedMethod().setServiceName(service!).setMethodName(method!.toLowerCase())
  })
  reply(null, new features.SupportedMethods().setEventStoreServerVersion(SERVER_VERSION).setMethodsList(methods))
}

/** A cluster of one node, which is its leader. */
export const clusterInfo =
  (port: () => number): handleUnaryCall<unknown, InstanceType<typeof gossip.ClusterInfo>> =>
  (_call, reply) => {
    const endPoint: EndPoint = new gossip.EndPoint().setAddress('127.0.0.1').setPort(port())
    const member = new gossip.MemberInfo()
      .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
      .setTimeStamp(String(Date.now()))
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(endPoint)
    reply(null, new gossip.ClusterInfo().setMembersList([member]))
  }
