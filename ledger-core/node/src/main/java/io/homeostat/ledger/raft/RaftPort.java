package io.homeostat.ledger.raft;

import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * What the Raft port serves: the protocol between members, and neither Ratis clients nor Ratis administration. Commands and
 * changes of members come through the HTTP API, where they are authenticated and guarded.
 */
final class RaftPort implements ServerInterceptor {
    private static final String PEER_SERVICE = "ratis.grpc.RaftServerProtocolService";

    private final VoteBar bar;

    private RaftPort(VoteBar bar) {
        this.bar = bar;
    }

    static GrpcServices.Customizer servingPeersOnly(VoteBar bar) {
        RaftPort port = new RaftPort(bar);
        return (builder, services) -> builder.intercept(port);
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        String service = call.getMethodDescriptor().getServiceName();
        if (PEER_SERVICE.equals(service) && bar.refuses(call.getMethodDescriptor())) {
            call.close(
                    Status.FAILED_PRECONDITION.withDescription(
                            "this node began with an empty folder: it gives no vote until its digest is the majority's"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        if (PEER_SERVICE.equals(service)) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.PERMISSION_DENIED.withDescription(
                        "this port serves members of the Raft group only, not " + service),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
