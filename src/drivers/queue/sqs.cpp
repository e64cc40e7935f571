// SPDX-License-Identifier: Apache-2.0
// Amazon SQS over its JSON protocol: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
//
// sqs://[access key:secret@]sqs.<region>.amazonaws.com/<account>/<queue>; the queue, its dead-letter queue and after
// how many deliveries a message goes there are set up at AWS.
#include <algorithm>
#include <atomic>
#include <utility>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "crypto/digest.hpp"
#include "drivers/aws/aws_signature.hpp"
#include "drivers/http/http_sender.hpp"
#include "drivers/http/json_fields.hpp"
#include "drivers/queue/drivers.hpp"
#include "drivers/queue/queue_errors.hpp"
#include "drivers/queue/queue_leases.hpp"
#include "drivers/queue/queue_limits.hpp"
#include "net/http_date.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::size_t kMaxEntries = 10;
/// Of a batch; the limit was 256 KiB before it was raised (SQS Developer Guide, "Message quotas").
constexpr std::size_t kMaxBatchBytes = 250'000;
constexpr std::chrono::seconds kMaxDelay{900};
constexpr std::chrono::seconds kMaxLease{43'200};
constexpr std::chrono::seconds kMaxWait{20};
constexpr std::chrono::seconds kAnswerTime{10};
constexpr std::chrono::minutes kFarOff{4};
constexpr char const* kEncoding = "nexpo-encoding";

/// What a body may hold as it is: the characters of XML 1.0 (SendMessage, "MessageBody").
bool is_plain(std::string const& body) {
    if (!base::valid_utf8(body) || body.find("\xef\xbf\xbe") != body.npos || body.find("\xef\xbf\xbf") != body.npos) {
        return false;
    }
    return std::none_of(body.begin(), body.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    });
}

/// The error for a code of SQS. Codes hold nothing of ours; messages may, and are not kept.
Error failure(std::string const& code, int status) {
    auto const what = "SQS: " + (code.empty() ? "status " + std::to_string(status) : code);
    if (code == "RequestThrottled" || code == "ThrottlingException" || code == "OverLimit" || code == "KmsThrottled") {
        return {Errc::resource_exhausted, "queue_busy", what};
    }
    if (code == "ReceiptHandleIsInvalid" || code == "MessageNotInflight") return delivery_lost();
    if (status == 401 || status == 403 || code == "SignatureDoesNotMatch" || code == "InvalidClientTokenId" ||
        code == "UnrecognizedClientException" || code == "RequestTimeTooSkewed" || code.starts_with("AccessDenied") ||
        code.starts_with("ExpiredToken")) {
        return queue_refused(what);
    }
    if (status >= 500 || code == "QueueDoesNotExist") return queue_unavailable(what);
    return queue_answer_invalid(what);
}

/// `com.amazonaws.sqs#QueueDoesNotExist` is `QueueDoesNotExist`.
std::string code_of(std::string const& type) {
    auto code = type.substr(type.find('#') + 1);
    auto const fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.'; };
    return code.size() <= 64 && std::all_of(code.begin(), code.end(), fits) ? code : std::string();
}

class SqsQueue final : public Queue, public QueueDeadLetters {
 public:
    SqsQueue(QueueSettings settings, std::string region)
        : settings_(std::move(settings)),
          region_(std::move(region)),
          host_(settings_.port == 0 ? settings_.host : settings_.host + ":" + std::to_string(settings_.port)),
          endpoint_((settings_.scheme == "sqs" ? "https://" : "http://") + host_),
          queue_url_(endpoint_ + "/" + settings_.path),
          fifo_(settings_.path.ends_with(".fifo")),
          sender_({.client = settings_.http, .ca_file = settings_.ca_file, .clock = settings_.clock}),
          leases_(settings_.clock, settings_.lease) {}

    QueueLimits limits() const noexcept override {
        return {.max_body_bytes = kMaxQueueBody,
                .max_receive = kMaxEntries,
                .max_delay = fifo_ ? std::chrono::seconds(0) : kMaxDelay,
                .lease = settings_.lease,
                .chooses_extension = true,
                .groups = fifo_};
    }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        Json::Array entries;
        std::vector<std::size_t> sent;
        std::size_t bytes = 0;
        auto const flush = [&] {
            if (sent.empty()) return;
            auto const results = batch("SendMessageBatch", std::exchange(entries, {}), sent.size());
            for (std::size_t at = 0; at < sent.size(); ++at) sending.answer(sent[at], results[at]);
            sent.clear();
            bytes = 0;
        };
        for (auto const at : sending.open()) {
            auto entry = entry_of(messages[at]);
            auto const size = entry.at(0).second.if_string()->size() + 100;
            if (sent.size() == kMaxEntries || bytes + size > kMaxBatchBytes) flush();
            entry.emplace_back("Id", std::to_string(sent.size()));
            entries.emplace_back(std::move(entry));
            sent.push_back(at);
            bytes += size;
        }
        flush();
        return sending.take();
    }

    /// SQS waits for whole seconds: the wait is rounded up to one.
    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(wait, {}, std::chrono::days(1));
        leases_.take_ended([](Nothing const&) {});
        for (;;) {
            if (stop.stop_requested()) return std::vector<QueueDelivery>();
            auto const left = std::chrono::ceil<std::chrono::seconds>(end - std::chrono::steady_clock::now());
            auto const now = std::clamp(left, std::chrono::seconds(0), kMaxWait);
            auto answer =
                receive_from(queue_url_, std::clamp<std::size_t>(most, 1, kMaxEntries), now, settings_.lease, stop);
            if (!answer) {
                if (answer.error().code == Errc::cancelled) return std::vector<QueueDelivery>();
                return answer.error();
            }
            for (auto const& delivery : *answer) leases_.add(delivery.receipt, {});
            if (!answer->empty() || std::chrono::steady_clock::now() >= end) return answer;
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results(deliveries.size(), delivery_lost());
        std::vector<std::size_t> held;
        for (std::size_t at = 0; at < deliveries.size(); ++at) {
            if (leases_.find(deliveries[at].receipt)) held.push_back(at);
        }
        for (std::span<std::size_t const> rest(held); !rest.empty();) {
            auto const now = rest.first(std::min(rest.size(), kMaxEntries));
            Json::Array entries;
            for (auto const at : now) {
                entries.emplace_back(
                    Json::Object{{"Id", std::to_string(entries.size())}, {"ReceiptHandle", deliveries[at].receipt}});
            }
            auto const some = batch("DeleteMessageBatch", std::move(entries), now.size());
            for (std::size_t at = 0; at < now.size(); ++at) {
                results[now[at]] = some[at];
                if (some[at]) leases_.forget(deliveries[now[at]].receipt);
            }
            rest = rest.subspan(now.size());
        }
        return results;
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds lease) override {
        lease = std::clamp(lease, std::chrono::seconds(1), kMaxLease);
        if (auto changed = change_visibility(delivery, lease); !changed) return changed.error();
        if (!leases_.renew(delivery.receipt, lease)) return delivery_lost();
        return lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits.error();
        if (auto changed = change_visibility(delivery, delay); !changed) return changed.error();
        leases_.forget(delivery.receipt);
        return {};
    }

    /// A look at what the dead-letter queue gives first; what is looked at is visible again at once.
    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        auto url = dead_letter_url();
        if (!url) return url.error();
        std::vector<QueueDeadLetter> letters;
        if (url->empty()) return letters;
        auto received = receive_from(*url, std::clamp<std::size_t>(most, 1, kMaxEntries), {}, {}, {});
        if (!received) return received.error();
        for (auto& delivery : *received) letters.push_back({.body = std::move(delivery.body)});
        return letters;
    }

 private:
    struct Nothing {};

    Json::Object entry_of(QueueMessage const& message) {
        Json::Object entry;
        if (is_plain(message.body)) {
            entry.emplace_back("MessageBody", message.body);
        } else {
            entry.emplace_back("MessageBody", base::base64_encode(message.body));
            entry.emplace_back(
                "MessageAttributes",
                Json::Object{{kEncoding, Json::Object{{"DataType", "String"}, {"StringValue", "base64"}}}});
        }
        if (message.delay.count() > 0) entry.emplace_back("DelaySeconds", message.delay.count());
        if (fifo_) {
            std::array<std::byte, 16> id{};
            settings_.random->fill(id);
            // Of any text, in the characters and the length that SQS takes.
            entry.emplace_back("MessageGroupId", base::hex_encode(crypto::sha256(message.group)));
            entry.emplace_back("MessageDeduplicationId", base::hex_encode(id));
        }
        return entry;
    }

    /// A result for each entry. Success of the request does not mean that of its entries.
    std::vector<Result<void>> batch(char const* operation, Json::Array entries, std::size_t count) {
        auto answer = call(operation, {{"QueueUrl", queue_url_}, {"Entries", std::move(entries)}}, kAnswerTime, {});
        if (!answer) return std::vector<Result<void>>(count, answer.error());
        std::vector<Result<void>> results(count, queue_answer_invalid("SQS: an entry was not answered"));
        auto const place = [count](Json const& entry) {
            auto const id = receipt_number(text_at(entry, "Id"));
            return id >= 0 && static_cast<std::size_t>(id) < count ? static_cast<std::size_t>(id) : count;
        };
        for (auto const& entry : array_at(*answer, "Successful")) {
            if (auto const at = place(entry); at < count) results[at] = Result<void>();
        }
        for (auto const& entry : array_at(*answer, "Failed")) {
            auto const* const fault = entry.find("SenderFault");
            bool const ours = fault != nullptr && fault->if_boolean() != nullptr && *fault->if_boolean();
            if (auto const at = place(entry); at < count) {
                results[at] = failure(code_of(text_at(entry, "Code")), ours ? 400 : 500);
            }
        }
        return results;
    }

    Result<std::vector<QueueDelivery>> receive_from(std::string const& queue_url, std::size_t most,
                                                    std::chrono::seconds wait, std::chrono::seconds lease,
                                                    std::stop_token const& stop) {
        auto answer = call("ReceiveMessage",
                           {{"QueueUrl", queue_url},
                            {"MaxNumberOfMessages", static_cast<std::int64_t>(most)},
                            {"WaitTimeSeconds", wait.count()},
                            {"VisibilityTimeout", lease.count()},
                            {"MessageSystemAttributeNames", Json::Array{"ApproximateReceiveCount"}},
                            {"MessageAttributeNames", Json::Array{kEncoding}}},
                           wait + kAnswerTime, stop);
        if (!answer) return answer.error();
        std::vector<QueueDelivery> deliveries;
        for (auto const& message : array_at(*answer, "Messages")) {
            QueueDelivery delivery{.body = text_at(message, "Body"), .receipt = text_at(message, "ReceiptHandle")};
            if (auto const* attributes = message.find("Attributes"); attributes != nullptr) {
                delivery.deliveries =
                    std::max<std::int64_t>(1, receipt_number(text_at(*attributes, "ApproximateReceiveCount")));
            }
            auto const* const attributes = message.find("MessageAttributes");
            auto const* const encoding = attributes != nullptr ? attributes->find(kEncoding) : nullptr;
            if (encoding != nullptr && text_at(*encoding, "StringValue") == "base64") {
                delivery.body = base::base64_decode(delivery.body).value_or(std::string());
            }
            // What is not of ours stays until its queue finds it dead.
            if (delivery.body.empty() || delivery.body.size() > kMaxQueueBody || delivery.receipt.empty()) continue;
            deliveries.push_back(std::move(delivery));
        }
        return deliveries;
    }

    Result<void> change_visibility(QueueDelivery const& delivery, std::chrono::seconds time) {
        if (!leases_.find(delivery.receipt)) return delivery_lost();
        auto answer =
            call("ChangeMessageVisibility",
                 {{"QueueUrl", queue_url_}, {"ReceiptHandle", delivery.receipt}, {"VisibilityTimeout", time.count()}},
                 kAnswerTime, {});
        if (!answer) return answer.error();
        return {};
    }

    /// Empty without one.
    Result<std::string> dead_letter_url() {
        auto attributes =
            call("GetQueueAttributes", {{"QueueUrl", queue_url_}, {"AttributeNames", Json::Array{"RedrivePolicy"}}},
                 kAnswerTime, {});
        if (!attributes) return attributes.error();
        auto const* const found = attributes->find("Attributes");
        auto const policy = found != nullptr ? text_at(*found, "RedrivePolicy") : std::string();
        if (policy.empty()) return std::string();
        auto const parsed = Json::parse(policy);
        // arn:aws:sqs:region:account:name
        auto const parts =
            parsed ? receipt_parts(text_at(*parsed, "deadLetterTargetArn"), 6) : std::vector<std::string>();
        if (parts.empty()) return queue_answer_invalid("SQS: the redrive policy names no queue");
        auto answer =
            call("GetQueueUrl", {{"QueueName", parts[5]}, {"QueueOwnerAWSAccountId", parts[4]}}, kAnswerTime, {});
        if (!answer) return answer.error();
        return text_at(*answer, "QueueUrl");
    }

    Result<AwsCredentials> credentials() const {
        if (!settings_.user.empty()) {
            auto const token = settings_.others.find("token");
            return AwsCredentials{.access_key = settings_.user,
                                  .secret_key = settings_.password,
                                  .session_token = Secret(token == settings_.others.end() ? "" : token->second)};
        }
        if (settings_.aws_credentials) return settings_.aws_credentials();
        return queue_refused("SQS: there are no credentials");
    }

    Result<Json> call(std::string const& operation, Json::Object input, std::chrono::milliseconds timeout,
                      std::stop_token const& stop) {
        auto const body = Json(std::move(input)).dump();
        for (int attempt = 0;; ++attempt) {
            auto sent = send_signed(operation, body, timeout, stop);
            if (!sent) return sent.error();
            auto json = sent->body.empty() ? Result<Json>(Json(Json::Object{})) : Json::parse(sent->body);
            if (sent->status == 200) {
                if (!json) return queue_answer_invalid("SQS: the answer is not JSON");
                return json;
            }
            auto const code = json ? code_of(text_at(*json, "__type")) : std::string();
            bool const about_time = code == "RequestTimeTooSkewed" || code == "SignatureDoesNotMatch" ||
                                    code == "InvalidSignatureException";
            if (attempt > 0 || !about_time || !correct_clock(*sent)) return failure(code, sent->status);
        }
    }

    Result<net::HttpResponse> send_signed(std::string const& operation, std::string const& body,
                                          std::chrono::milliseconds timeout, std::stop_token const& stop) {
        auto const with = credentials();
        if (!with) return with.error();
        AwsRequest const request{
            .host = host_,
            .headers = {{"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Target", "AmazonSQS." + operation}},
            .body = body};
        auto const now = settings_.clock->now() + std::chrono::seconds(clock_offset_.load());
        net::HttpRequest http{.method = "POST",
                              .url = endpoint_ + "/",
                              .body = body,
                              .source = net::UrlSource::configuration,
                              .timeout = timeout,
                              .repeatable = operation != "ReceiveMessage",
                              .stop = stop};
        for (auto const& [name, value] : request.headers) http.headers.push_back({name, value});
        for (auto& [name, value] : aws_signature(request, *with, {.region = region_, .service = "sqs", .now = now})) {
            http.headers.push_back({std::move(name), std::move(value)});
        }
        auto sent = sender_.send(std::move(http));
        if (sent || sent.error().code == Errc::cancelled) return sent;
        return queue_unavailable("SQS: " + sent.error().message);
    }

    /// Takes the server's time when ours is far from it; false when it is not.
    bool correct_clock(net::HttpResponse const& response) {
        auto const* const date = net::find_header(response.headers, "Date");
        auto const theirs = date != nullptr ? net::parse_http_date(*date, settings_.clock->now()) : std::nullopt;
        if (!theirs) return false;
        auto const offset = std::chrono::round<std::chrono::seconds>(*theirs - settings_.clock->now());
        if (std::chrono::abs(offset - std::chrono::seconds(clock_offset_.load())) < kFarOff) return false;
        clock_offset_ = offset.count();
        return true;
    }

    QueueSettings const settings_;
    std::string const region_;
    std::string const host_;
    std::string const endpoint_;
    std::string const queue_url_;
    bool const fifo_;
    HttpSender sender_;
    QueueLeases<Nothing> leases_;
    std::atomic<std::int64_t> clock_offset_{0};  ///< Seconds that the service is ahead of us.
};

}  // namespace

Result<std::shared_ptr<Queue>> open_sqs_queue(QueueSettings settings) {
    if (settings.host.empty() || settings.path.empty())
        return queue_url_invalid("an SQS URL is sqs://host/account/queue");
    for (auto const& [name, value] : settings.others) {
        if (name != "region" && name != "token")
            return queue_url_invalid("SQS knows the parameters region, token and lease");
    }
    std::string region;
    if (auto const given = settings.others.find("region"); given != settings.others.end()) {
        region = given->second;
    } else if (settings.host.starts_with("sqs.")) {
        region = settings.host.substr(4, settings.host.find('.', 4) - 4);
    } else {
        return queue_url_invalid("the host does not name the region; say it with '?region='");
    }
    return std::shared_ptr<Queue>(std::make_shared<SqsQueue>(std::move(settings), std::move(region)));
}

}  // namespace nexpo::drivers
