// SPDX-License-Identifier: Apache-2.0
// nexpo_bench_grpc_echo BYTES: what gRPC alone can do. Answers every call of /bench.Echo/Get with so many bytes.
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

using grpc::ByteBuffer;

class Echo final : public grpc::Service {
 public:
    explicit Echo(std::string const& answer) {
        grpc::Slice const slice(answer);
        AddMethod(
            new grpc::internal::RpcServiceMethod("/bench.Echo/Get", grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
        MarkMethodRawCallback(0, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                     [slice](grpc::CallbackServerContext* context, ByteBuffer const*,
                                             ByteBuffer* response) -> grpc::ServerUnaryReactor* {
                                         *response = ByteBuffer(&slice, 1);
                                         auto* reactor = context->DefaultReactor();
                                         reactor->Finish(grpc::Status::OK);
                                         return reactor;
                                     }));
    }
};

}  // namespace

int main(int count, char** arguments) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Echo echo(std::string(count > 1 ? std::stoul(arguments[1]) : 100, 'x'));
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&echo);
    auto const server = builder.BuildAndStart();
    if (server == nullptr) return 1;
    std::printf("%d\n", port);
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    server->Shutdown();
    return 0;
}
