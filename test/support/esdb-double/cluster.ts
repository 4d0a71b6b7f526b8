import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';

/** The members of a cluster as its nodes report them: the ports of all nodes, and the leader. */
export interface ClusterView {
  readonly ports: number[];
  /** null while the nodes have elected none. */
  leader: number | null;
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
      const follows = leader === null ? VNodeState.UNKNOWN : VNodeState.FOLLOWER;
      member.setState(port === leader ? VNodeState.LEADER : follows);
      member.setIsAlive(true);
      member.setHttpEndPoint(at);
      return member;
    }),
  );
  return info;
}
