// SPDX-License-Identifier: Apache-2.0
#include "net/transfers.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/http_error.hpp"
#include "net/response_reader.hpp"

namespace nexpo::net {
namespace {

struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

struct FreeMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

/// A list of text that libcurl reads.
class TextList {
 public:
    void add(std::string const& text) {
        if (auto* const longer = curl_slist_append(list_.get(), text.c_str())) {
            static_cast<void>(list_.release());
            list_.reset(longer);
        } else {
            complete_ = false;
        }
    }
    curl_slist* get() const noexcept { return list_.get(); }
    bool complete() const noexcept { return complete_; }

 private:
    struct Free {
        void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    };
    std::unique_ptr<curl_slist, Free> list_;
    bool complete_ = true;
};

/// libcurl's state of the whole process; initialized once and never released, because others may use it too.
bool global_ready() {
    static bool const kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return kReady;
}

std::string bracketed(IpAddress const& address) {
    return address.is_v4() ? address.to_string() : '[' + address.to_string() + ']';
}

struct Running {
    explicit Running(Transfer what) : transfer(std::move(what)), reader(*transfer.request) {}

    Transfers::Id id = 0;
    Transfer transfer;
    ResponseReader reader;
    Transfers::Done done{};
    Easy easy{};
    TextList headers{};
    TextList connect_to{};
    TextList resolve{};
    AddressGuard const* guard = nullptr;
    std::atomic<std::uint64_t>* sockets = nullptr;
    bool via_proxy = false;

    bool address_refused = false;
    bool sent = false;  // or at least begun
};

template <auto kTake>
std::size_t on_data(char* data, std::size_t, std::size_t size, void* user) {
    bool const taken = (static_cast<Running*>(user)->reader.*kTake)(std::string_view(data, size));
    return taken ? size : size + 1;  // not the size: stop
}

/// The last word on where a connection goes: this is the address that the socket will be connected to.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& running = *static_cast<Running*>(user);
    if (running.transfer.guarded && !running.via_proxy) {
        auto const peer = IpAddress::of(address->addr);
        if (!peer || !running.guard->allows(running.transfer.url.host, *peer)) {
            running.address_refused = true;
            return CURL_SOCKET_BAD;
        }
    }
    running.sockets->fetch_add(1, std::memory_order_relaxed);
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// libcurl would write the keys of every connection to the file that SSLKEYLOGFILE in the environment names.
CURLcode on_tls_context(CURL*, void* context, void*) {
    SSL_CTX_set_keylog_callback(static_cast<SSL_CTX*>(context), nullptr);
    return CURLE_OK;
}

/// Called each time before a request goes out. libcurl sends a request again, whatever its method, when a kept
/// connection closes without an answer; the server may have done its work all the same (RFC 9110 section 9.2.2).
int on_send(void* user, char*, char*, int, int) {
    auto& running = *static_cast<Running*>(user);
    if (running.sent && !running.transfer.repeatable) return CURL_PREREQFUNC_ABORT;
    running.sent = true;
    return CURL_PREREQFUNC_OK;
}

/// Sets options and remembers whether all were taken.
class Setter {
 public:
    explicit Setter(CURL* easy) : easy_(easy) {}

    template <class T>
    void operator()(CURLoption option, T value) {
        good_ = good_ && curl_easy_setopt(easy_, option, value) == CURLE_OK;
    }
    void text(CURLoption option, std::string const& value) { (*this)(option, value.c_str()); }
    void number(CURLoption option, long value) { (*this)(option, value); }
    bool good() const noexcept { return good_; }

 private:
    CURL* easy_;
    bool good_ = true;
};

void set_proxy(Setter& set, TransferOptions const& options, Running& running) {
    set.text(CURLOPT_PROXY, options.proxy ? options.proxy->url.origin() : "");
    set.text(CURLOPT_NOPROXY, "");
    if (!options.proxy) return;
    if (!options.proxy->user.empty() || !options.proxy->password.empty()) {
        set.text(CURLOPT_PROXYUSERNAME, options.proxy->user);
        set.text(CURLOPT_PROXYPASSWORD, options.proxy->password);
    }
    if (running.transfer.proxy_addresses.empty()) return;
    auto entry = options.proxy->url.host + ':' + std::to_string(options.proxy->url.port);
    char separator = ':';
    for (auto const& address : running.transfer.proxy_addresses) {
        entry += std::exchange(separator, ',') + bracketed(address);
    }
    running.resolve.add(entry);
    set(CURLOPT_RESOLVE, running.resolve.get());
}

void set_connection(Setter& set, TransferOptions const& options, Running& running) {
    auto const& transfer = running.transfer;
    set.number(CURLOPT_NOSIGNAL, 1);
    set.text(CURLOPT_PROTOCOLS_STR, "http,https");
    set.number(CURLOPT_FOLLOWLOCATION, 0);
    set.number(CURLOPT_NETRC, CURL_NETRC_IGNORED);
    set_proxy(set, options, running);
    set.number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    set.number(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set.number(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set.number(CURLOPT_SSL_VERIFYPEER, 1);
    set.number(CURLOPT_SSL_VERIFYHOST, 2);
    set(CURLOPT_SSL_CTX_FUNCTION, &on_tls_context);
    if (!options.ca_file.empty()) {
        set.text(CURLOPT_CAINFO, options.ca_file);
        set.text(CURLOPT_PROXY_CAINFO, options.ca_file);
    }
    set.number(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(transfer.connect_timeout.count()));
    // Multiplexing is agreed upon by ALPN; waiting for the first connection's answer is worth it where there is one.
    set.number(CURLOPT_HTTP_VERSION, transfer.url.secure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    set.number(CURLOPT_PIPEWAIT, transfer.url.secure ? 1 : 0);
    if (transfer.peer) {
        // For every host and port: there is one. libcurl keeps connections apart by it, and a proxy is asked for a
        // tunnel to this address instead of looking the host up itself.
        running.connect_to.add("::" + bracketed(*transfer.peer) + ':' + std::to_string(transfer.url.port));
        set(CURLOPT_CONNECT_TO, running.connect_to.get());
        set.number(CURLOPT_HTTPPROXYTUNNEL, options.proxy ? 1 : 0);
    }
    // Should libcurl look up a name all the same, it is not to wait for that when the request is given up.
    set.number(CURLOPT_QUICK_EXIT, 1);
    set(CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
    set(CURLOPT_OPENSOCKETDATA, &running);
    set(CURLOPT_PREREQFUNCTION, &on_send);
    set(CURLOPT_PREREQDATA, &running);
}

void set_message(Setter& set, TransferOptions const& options, Running& running) {
    auto const& request = *running.transfer.request;
    set.text(CURLOPT_URL, running.transfer.url.text);
    set.text(CURLOPT_USERAGENT, options.user_agent);
    if (request.method == "HEAD") {
        set.number(CURLOPT_NOBODY, 1);
    } else {
        set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_response_bytes));
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.data());
        set.number(CURLOPT_POST, 1);
        // libcurl would announce a form.
        if (find_header(request.headers, "Content-Type") == nullptr) running.headers.add("Content-Type:");
    }
    set.text(CURLOPT_CUSTOMREQUEST, request.method);
    for (auto const& [name, value] : request.headers) {
        auto line = name;
        line.append(value.empty() ? ";" : ": ").append(value);
        running.headers.add(line);
    }
    running.headers.add("Accept-Encoding: gzip");
    running.headers.add("Expect:");  // libcurl would wait a second for servers that do not know it
    set(CURLOPT_HTTPHEADER, running.headers.get());

    set(CURLOPT_HEADERFUNCTION, &on_data<&ResponseReader::take_line>);
    set(CURLOPT_HEADERDATA, &running);
    set(CURLOPT_WRITEFUNCTION, &on_data<&ResponseReader::take_body>);
    set(CURLOPT_WRITEDATA, &running);
}

Error error_of(CURLcode code, Running const& running) {
    if (running.address_refused) return address_refused();
    if (auto const fault = running.reader.fault()) return *fault;
    long tunnel = 0;
    curl_easy_getinfo(running.easy.get(), CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (tunnel >= 300) return proxy_failed();
    switch (code) {
        case CURLE_FILESIZE_EXCEEDED:
            return response_too_large();
        case CURLE_COULDNT_RESOLVE_HOST:
            return name_not_resolved();
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_PROXY:
            return proxy_failed();
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:  // of connecting: the whole has no limit here
            return connect_failed();
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ENGINE_INITFAILED:
        case CURLE_SSL_ISSUER_ERROR:
            return tls_failed();
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_PARTIAL_FILE:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_ABORTED_BY_CALLBACK:
            return connection_lost();
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WRITE_ERROR:
            return response_invalid();  // from libcurl's decoder: ours are told apart above
        default:
            return {.code = Errc::internal,
                    .reason = "transfer_failed",
                    .message = std::string("The transfer failed: ") + curl_easy_strerror(code)};
    }
}

TransferOutcome outcome_of(CURLcode code, Running& running) {
    if (code != CURLE_OK) return {.response = error_of(code, running), .connected = running.sent};
    auto response = running.reader.finish();
    if (!response) return {.response = response.error()};
    long status = 0;
    long version = 0;
    curl_easy_getinfo(running.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(running.easy.get(), CURLINFO_HTTP_VERSION, &version);
    response->status = static_cast<int>(status);
    response->http_version = version == CURL_HTTP_VERSION_2_0 ? 20 : 11;
    return {.response = std::move(response)};
}

}  // namespace

class Transfers::Multi {
 public:
    Multi(TransferOptions options, AddressGuard const& guard)
        : options_(std::move(options)), guard_(guard), multi_(curl_multi_init()) {
        if (!multi_) return;
        curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(options_.max_connections));
        curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                          static_cast<long>(options_.max_connections_per_host));
        curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.max_idle_connections));
    }
    Multi(Multi const&) = delete;
    Multi& operator=(Multi const&) = delete;
    ~Multi() {
        for (auto const& [id, running] : running_) curl_multi_remove_handle(multi_.get(), running->easy.get());
    }

    bool ready() const noexcept { return multi_ != nullptr; }
    void wake() { curl_multi_wakeup(multi_.get()); }
    Proxy const* proxy() const noexcept { return options_.proxy ? &*options_.proxy : nullptr; }
    std::uint64_t sockets() const noexcept { return sockets_.load(std::memory_order_relaxed); }

    Id start(Transfer transfer, Done done) {
        auto running = std::make_unique<Running>(std::move(transfer));
        Id const id = ++last_id_;
        running->id = id;
        running->done = std::move(done);
        running->guard = &guard_;
        running->sockets = &sockets_;
        running->via_proxy = options_.proxy.has_value();
        running->easy = take_easy();
        if (auto fault = begin(*running)) {
            ended_.push_back({id, std::move(running->done), {.response = std::move(*fault), .connected = false}});
            wake();
        } else {
            running_.emplace(id, std::move(running));
        }
        return id;
    }

    void cancel(Id id) {
        if (auto node = running_.extract(id)) release(*node.mapped());
        std::erase_if(ended_, [id](Ended const& each) { return each.id == id; });
    }

    void run(std::chrono::milliseconds timeout) {
        int still_running = 0;
        curl_multi_perform(multi_.get(), &still_running);
        // What has ended may have started more.
        bool const again = finish();
        curl_multi_poll(multi_.get(), nullptr, 0, again ? 0 : static_cast<int>(timeout.count()), nullptr);
    }

 private:
    struct Ended {
        Id id;
        Done done;
        TransferOutcome outcome;
    };

    std::optional<Error> begin(Running& running) {
        auto const& transfer = running.transfer;
        if (transfer.guarded) {
            // Also before a kept connection is used, and before a proxy is asked, whose address is all we would see.
            bool const known = transfer.peer && guard_.allows(transfer.url.host, *transfer.peer);
            if (transfer.peer ? !known : options_.proxy.has_value()) return address_refused();
        }
        Setter set(running.easy.get());
        set_connection(set, options_, running);
        set_message(set, options_, running);
        set(CURLOPT_PRIVATE, &running);
        if (running.easy && set.good() && running.headers.complete() && running.connect_to.complete() &&
            running.resolve.complete() && curl_multi_add_handle(multi_.get(), running.easy.get()) == CURLM_OK) {
            return std::nullopt;
        }
        return Error{.code = Errc::internal, .reason = "transfer_failed", .message = "The transfer could not begin."};
    }

    /// Calls what waits for the transfers that ended; it may start and cancel others.
    bool finish() {
        int left = 0;
        while (auto const* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            auto const code = message->data.result;
            Running* running = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &running);
            auto const owner = std::move(running_.extract(running->id).mapped());
            auto outcome = outcome_of(code, *owner);
            release(*owner);
            ended_.push_back({owner->id, std::move(owner->done), std::move(outcome)});
        }
        bool const any = !ended_.empty();
        while (!ended_.empty()) {
            auto const ended = std::move(ended_.front());
            ended_.pop_front();
            ended.done(ended.outcome);
        }
        return any;
    }

    Easy take_easy() {
        if (spare_.empty()) return Easy(curl_easy_init());
        auto easy = std::move(spare_.back());
        spare_.pop_back();
        return easy;
    }

    void release(Running& running) {
        constexpr std::size_t kSpare = 64;
        curl_multi_remove_handle(multi_.get(), running.easy.get());
        if (spare_.size() >= kSpare) return;
        curl_easy_reset(running.easy.get());
        spare_.push_back(std::move(running.easy));
    }

    TransferOptions options_;
    AddressGuard guard_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::atomic<std::uint64_t> sockets_{0};
    Id last_id_ = 0;
    std::unordered_map<Id, std::unique_ptr<Running>> running_;
    std::deque<Ended> ended_;
    std::vector<Easy> spare_;
};

Transfers::Transfers(std::unique_ptr<Multi> multi) : multi_(std::move(multi)) {}

Transfers::~Transfers() = default;

Result<std::unique_ptr<Transfers>> Transfers::create(TransferOptions options, AddressGuard const& guard) {
    if (global_ready()) {
        auto multi = std::make_unique<Multi>(std::move(options), guard);
        if (multi->ready()) return std::unique_ptr<Transfers>(new Transfers(std::move(multi)));
    }
    return Error{.code = Errc::internal, .reason = "http_unavailable", .message = "libcurl could not be initialized."};
}

Transfers::Id Transfers::start(Transfer transfer, Done done) {
    return multi_->start(std::move(transfer), std::move(done));
}

void Transfers::cancel(Id id) {
    multi_->cancel(id);
}

void Transfers::run(std::chrono::milliseconds timeout) {
    multi_->run(timeout);
}

void Transfers::wake() {
    multi_->wake();
}

Proxy const* Transfers::proxy() const noexcept {
    return multi_->proxy();
}

std::uint64_t Transfers::connections_opened() const noexcept {
    return multi_->sockets();
}

}  // namespace nexpo::net
