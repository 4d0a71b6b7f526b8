import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';

/** The members of a cluster as its nodes report them: the ports of all nodes, and the leader. */
export interface ClusterView {
  readonly ports: number[];
  leader: number;
}

/** What a node answers to gossip. */
export function gossipOf({ ports, leader }: ClusterView): ClusterInfo {
  const { VNodeState } = gossipPb.MemberInfo;
  const info = new gossipPb.ClusterInfo();
  info.setMembersList(
    ports.map((port, index) => {
      const at = new gossipPb.EndPoint();
      at.setAddress('127.0.0.1');
      at.setPort(port);
      const id = new sharedPb.UUID();
      id.setString(`00000000-0000-4000-8000-00000000000${index}`);
      const member = new gossipPb.MemberInfo();
      member.setInstanceId(id);
      member.setTimeStamp('0');
      member.setState(port === leader ? VNodeState.LEADER : VNodeState.FOLLOWER);
      member.setIsAlive(true);
      member.setHttpEndPoint(at);
      return member;
    }),
  );
  return info;
}
