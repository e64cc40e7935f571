// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "grpc/calls.hpp"
#include "grpc/codec/message_codec.hpp"
#include "nexpo/event.hpp"

namespace nexpo::grpc_host {

namespace {

/// Live events. Whoever has something to do with it shares it, since the library may tell of events until after the
/// end.
class EventCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                        public EndlessStream,
                        public std::enable_shared_from_this<EventCall> {
 public:
    EventCall(Door& door, Method const& method, grpc::CallbackServerContext& context) : frame_(door, method, context) {}

    void begin(grpc::ByteBuffer const& request) {
        self_ = shared_from_this();
        if (!one_piece(request, slice_, bytes_)) return finish(server_busy());
        // Here, and not on the other thread: when the client goes, so does what it sent.
        auto api = frame_.api();
        if (!api) return finish(api.error());
        auto subscribe = [self = self_, api = std::move(*api)] { self->subscribe(api); };
        if (!frame_.door.pool.submit(std::move(subscribe))) finish(server_busy());
    }

    void end() override { finish({Errc::unavailable, "closed", "the server is going away; subscribe again"}); }

    void OnWriteDone(bool ok) override {
        if (!ok) return finish({Errc::cancelled, "call_stopped", "the client has gone"});
        follow();  // still busy
    }
    void OnCancel() override {
        frame_.stop();
        finish({Errc::cancelled, "call_stopped", "the call was stopped"});
    }
    void OnDone() override {
        frame_.write_log();
        frame_.door.remove(self_);
        auto const last = std::move(self_);  // the subscription may still hold on to us for a moment
    }

 private:
    void subscribe(Api const& api) {
        SubscribeEvents input;
        auto const read = decode(*frame_.method.input, &input, bytes_, Sender::client);
        // Who may not subscribe at all learns that first, as in every other call: an empty pattern is refused last.
        if (!read) input = {.events = {""}};
        auto opened = api.events().subscribe(input);
        if (!opened) {
            bool const by_input = !read && opened.error().code == Errc::invalid_argument;
            return finish(by_input ? read.error() : opened.error());
        }
        if (!frame_.door.add(shared_from_this())) return end();
        {
            std::lock_guard const lock(mutex_);
            if (finished_) return;
            subscription_ = *opened;
            StartSendInitialMetadata();  // the client knows now that it misses nothing
        }
        opened->on_ready([weak = weak_from_this()] {
            if (auto const self = weak.lock()) self->wake();
        });
        look();
    }

    /// The library has something to tell.
    void wake() {
        {
            std::lock_guard const lock(mutex_);
            if (finished_) return;
            again_ = busy_;
            if (std::exchange(busy_, true)) return;
        }
        follow();
    }

    /// Looks for the next event on a thread that may wait for the database.
    void follow() {
        static_cast<void>(frame_.door.followers.submit([self = shared_from_this()] { self->look(); }));
    }

    /// Sends what there is. One look at a time: until there is nothing, and then again when that has changed meanwhile.
    void look() {
        std::optional<Subscription> subscription;
        {
            std::lock_guard const lock(mutex_);
            if (finished_) return;
            subscription = subscription_;
        }
        while (true) {
            auto const event = subscription->try_next();
            if (!event) return finish(event.error());
            if (*event) return send(**event);
            std::lock_guard const lock(mutex_);
            if (finished_) return;
            busy_ = std::exchange(again_, false);
            if (!busy_) return;
        }
    }

    void send(Event const& event) {
        std::string out;
        encode(*frame_.method.output, &event, out);
        std::lock_guard const lock(mutex_);
        if (finished_) return;
        frame_.count_bytes(out.size());
        buffer_ = to_buffer(out);
        StartWrite(&buffer_);
    }

    void finish(Error const& error) {
        std::optional<Subscription> subscription;
        {
            std::lock_guard const lock(mutex_);
            if (std::exchange(finished_, true)) return;
            subscription = std::move(subscription_);
            subscription_.reset();
            Finish(frame_.status(&error));
        }
        if (subscription) subscription->close();
    }

    CallFrame frame_;
    std::shared_ptr<EventCall> self_;
    grpc::Slice slice_;
    std::string_view bytes_;
    grpc::ByteBuffer buffer_;
    std::mutex mutex_;
    std::optional<Subscription> subscription_;
    bool finished_ = false;
    bool busy_ = true;    ///< Somebody looks, or an event is on its way.
    bool again_ = false;  ///< There was news meanwhile.
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* begin_events(Door& door, Method const& method,
                                                         grpc::CallbackServerContext& context,
                                                         grpc::ByteBuffer const& request) {
    auto const call = std::make_shared<EventCall>(door, method, context);
    call->begin(request);
    return call.get();
}

}  // namespace nexpo::grpc_host
