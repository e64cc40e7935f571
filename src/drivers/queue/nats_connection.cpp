// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/nats_connection.hpp"

#include <nats/nats.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <mutex>

#include "base/ascii.hpp"
#include "drivers/queue/queue_errors.hpp"

namespace nexpo::drivers {

namespace {

/// While it lives, writing to a connection that is gone raises no SIGPIPE in this thread, nor in those that it starts:
/// OpenSSL under libnats writes as it likes.
class NoSigpipe {
 public:
    NoSigpipe() {
        sigset_t waiting;
        sigpending(&waiting);
        was_waiting_ = sigismember(&waiting, SIGPIPE) == 1;
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    NoSigpipe(NoSigpipe const&) = delete;
    NoSigpipe& operator=(NoSigpipe const&) = delete;
    ~NoSigpipe() {
        timespec const at_once{};
        if (!was_waiting_) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

 private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_waiting_ = false;
};

/// Starts libnats. It tells the process to ignore SIGPIPE, which is not ours to decide: that is taken back.
natsStatus start_library() {
    static natsStatus const status = [] {
        NoSigpipe const quiet;
        struct sigaction before {};
        sigaction(SIGPIPE, nullptr, &before);
        auto const opened = nats_Open(-1);
        sigaction(SIGPIPE, &before, nullptr);
        return opened;
    }();
    return status;
}

/// libnats' own texts for its states, which hold nothing of ours.
Error failure(natsStatus status) {
    std::string const text = std::string("NATS: ") + natsStatus_GetText(status);
    switch (status) {
        case NATS_CONNECTION_AUTH_FAILED:
        case NATS_NOT_PERMITTED:
            return queue_refused(text);
        case NATS_INVALID_ARG:
        case NATS_PROTOCOL_ERROR:
        case NATS_ERR:
            return queue_answer_invalid(text);
        case NATS_SLOW_CONSUMER:
        case NATS_INSUFFICIENT_BUFFER:
            return {Errc::resource_exhausted, "queue_busy", text};
        default:
            return queue_unavailable(text);
    }
}

template <auto Destroy>
struct Destroyer {
    template <class T>
    void operator()(T* object) const noexcept {
        NoSigpipe const quiet;
        Destroy(object);
    }
};

using Message = std::unique_ptr<natsMsg, Destroyer<&natsMsg_Destroy>>;
using Options = std::unique_ptr<natsOptions, Destroyer<&natsOptions_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroyer<&natsSubscription_Destroy>>;
using Connection = std::unique_ptr<natsConnection, Destroyer<&natsConnection_Destroy>>;

constexpr char const* kHeaders[] = {"Status", "Nexpo-Delay", "Nexpo-Deliveries"};

NatsMessage convert(natsMsg* from) {
    NatsMessage message;
    auto const text = [](char const* chars) { return std::string(chars != nullptr ? chars : ""); };
    message.subject = text(natsMsg_GetSubject(from));
    message.reply = text(natsMsg_GetReply(from));
    message.data.assign(natsMsg_GetData(from), static_cast<std::size_t>(natsMsg_GetDataLength(from)));
    for (auto const* name : kHeaders) {
        char const* value = nullptr;
        if (natsMsgHeader_Get(from, name, &value) == NATS_OK) message.headers.emplace_back(name, value);
    }
    return message;
}

class Inbox final : public NatsInbox {
 public:
    Inbox(std::string subject, natsSubscription* subscription)
        : subject_(std::move(subject)), subscription_(subscription) {}

    std::string const& subject() const noexcept override { return subject_; }

    Result<std::optional<NatsMessage>> next(std::chrono::milliseconds wait) override {
        NoSigpipe const quiet;
        natsMsg* raw = nullptr;
        auto const status = natsSubscription_NextMsg(&raw, subscription_.get(), wait.count());
        Message const message(raw);
        if (status == NATS_OK) return std::optional(convert(raw));
        if (status == NATS_TIMEOUT || status == NATS_INVALID_SUBSCRIPTION) return std::optional<NatsMessage>();
        return failure(status);
    }

    void close() override {
        NoSigpipe const quiet;
        natsSubscription_Unsubscribe(subscription_.get());
    }

 private:
    std::string subject_;
    Subscription subscription_;
};

class RealConnection final : public NatsConnection {
 public:
    explicit RealConnection(Connection connection) : connection_(std::move(connection)) {}

    bool alive() const override { return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED; }

    Result<void> publish(NatsMessage const& message) override {
        NoSigpipe const quiet;
        natsMsg* raw = nullptr;
        auto status =
            natsMsg_Create(&raw, message.subject.c_str(), message.reply.empty() ? nullptr : message.reply.c_str(),
                           message.data.data(), static_cast<int>(message.data.size()));
        Message const owner(raw);
        for (auto const& [name, value] : message.headers) {
            if (status == NATS_OK) status = natsMsgHeader_Set(raw, name.c_str(), value.c_str());
        }
        if (status == NATS_OK) status = natsConnection_PublishMsg(connection_.get(), raw);
        if (status != NATS_OK) return failure(status);
        return {};
    }

    Result<NatsMessage> request(std::string const& subject, std::string const& data) override {
        NoSigpipe const quiet;
        natsMsg* raw = nullptr;
        auto const status =
            natsConnection_Request(&raw, connection_.get(), subject.c_str(), data.data(), static_cast<int>(data.size()),
                                   std::chrono::milliseconds(kNatsAnswerTime).count());
        Message const owner(raw);
        if (status != NATS_OK) return failure(status);
        return convert(raw);
    }

    Result<std::unique_ptr<NatsInbox>> inbox() override {
        NoSigpipe const quiet;
        natsInbox* name = nullptr;
        if (auto const status = natsInbox_Create(&name); status != NATS_OK) return failure(status);
        std::string subject(name);
        natsInbox_Destroy(name);
        natsSubscription* subscription = nullptr;
        auto const status = natsConnection_SubscribeSync(&subscription, connection_.get(), (subject + ".>").c_str());
        if (status != NATS_OK) return failure(status);
        return std::unique_ptr<NatsInbox>(std::make_unique<Inbox>(std::move(subject), subscription));
    }

 private:
    Connection connection_;
};

natsStatus fill(natsOptions* options, QueueSettings const& settings) {
    bool const secure = settings.scheme == "nats+tls";
    auto const host = settings.host.find(':') == std::string::npos ? settings.host : "[" + settings.host + "]";
    auto const url = "nats://" + host + ":" + std::to_string(settings.port != 0 ? settings.port : std::uint16_t{4222});
    auto status = natsOptions_SetURL(options, url.c_str());
    std::string const password(settings.password.reveal());
    if (status == NATS_OK && !settings.user.empty()) {
        status = password.empty() ? natsOptions_SetToken(options, settings.user.c_str())
                                  : natsOptions_SetUserInfo(options, settings.user.c_str(), password.c_str());
    }
    if (status == NATS_OK) status = natsOptions_SetTimeout(options, std::chrono::milliseconds(kNatsAnswerTime).count());
    if (status == NATS_OK) status = natsOptions_SetAllowReconnect(options, false);
    if (status == NATS_OK) status = natsOptions_SetPingInterval(options, 10'000);
    if (status == NATS_OK) status = natsOptions_SetMaxPingsOut(options, 2);
    if (status == NATS_OK) status = natsOptions_SetName(options, "nexpo");
    if (status == NATS_OK && secure) status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK && secure && !settings.ca_file.empty()) {
        status = natsOptions_LoadCATrustedCertificates(options, settings.ca_file.c_str());
    }
    if (status == NATS_OK && secure) status = natsOptions_SetExpectedHostname(options, settings.host.c_str());
    return status;
}

std::vector<std::string> words(std::string const& subject) {
    std::vector<std::string> all(1);
    for (char const c : subject) {
        if (c == '.') {
            all.emplace_back();
        } else {
            all.back() += c;
        }
    }
    return all;
}

}  // namespace

std::string NatsMessage::header(std::string_view name) const {
    for (auto const& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

std::optional<NatsMessage::Origin> NatsMessage::origin() const {
    // $JS.ACK.stream.consumer.delivered.stream sequence.consumer sequence.nanoseconds.pending, or with two words more
    // before the stream, for the domain and the account, and perhaps more at the end (NATS ADR-15).
    auto const parts = words(reply);
    if (parts.size() < 9 || parts.size() == 10 || parts[0] != "$JS" || parts[1] != "ACK") return std::nullopt;
    std::size_t const stream = parts.size() == 9 ? 2 : 4;
    auto const deliveries = receipt_number(parts[stream + 2]);
    auto const sequence = receipt_number(parts[stream + 3]);
    auto const stored = receipt_number(parts[stream + 5]);
    if (deliveries < 1 || sequence < 0 || stored < 0) return std::nullopt;
    return Origin{.deliveries = deliveries,
                  .stored = Timestamp(std::chrono::microseconds(stored / 1000)),
                  .sequence = static_cast<std::uint64_t>(sequence)};
}

Result<std::shared_ptr<NatsConnection>> NatsConnection::open(QueueSettings const& settings) {
    if (auto const status = start_library(); status != NATS_OK) return failure(status);
    NoSigpipe const quiet;
    natsOptions* raw_options = nullptr;
    auto status = natsOptions_Create(&raw_options);
    Options const options(raw_options);
    if (status == NATS_OK) status = fill(raw_options, settings);
    natsConnection* raw = nullptr;
    if (status == NATS_OK) status = natsConnection_Connect(&raw, raw_options);
    Connection connection(raw);
    if (status != NATS_OK) return failure(status);
    return std::shared_ptr<NatsConnection>(std::make_shared<RealConnection>(std::move(connection)));
}

}  // namespace nexpo::drivers
