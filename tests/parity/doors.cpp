// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>

#include "parity/door.hpp"
#ifdef NEXPO_PYTHON
#include "parity/python_door.hpp"
#endif
#ifdef NEXPO_BUILD_GRPC
#include "parity/grpc_door.hpp"
#endif

namespace nexpo::parity {

namespace {

Result<Api> api_for(Backend const& backend, std::string const& token) {
    return token.empty() ? Result<Api>(backend.as_anonymous()) : backend.authenticate(Secret(token));
}

/// `Api::invoke`: any operation by name, with JSON.
class GenericDoor final : public Door {
 public:
    explicit GenericDoor(Backend backend) : backend_(std::move(backend)) {}

    std::string_view name() const override { return "invoke"; }
    bool offers(OperationInfo const& operation) const override {
        return operation.access != Access::system && carries(operation.kind);
    }
    Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const override {
        auto const api = api_for(backend_, token);
        if (!api) return api.error();
        return api->invoke(operation.name, input);
    }

 private:
    Backend backend_;
};

/// The typed handles: `api.users().create({…})`.
class TypedDoor final : public Door {
 public:
    explicit TypedDoor(Backend backend) : backend_(std::move(backend)) {
        add<SignUp>("auth.sign_up", [](Api const& api, SignUp const& in) { return api.auth().sign_up(in); });
        add<Login>("auth.login", [](Api const& api, Login const& in) { return api.auth().login(in); });
        add<RefreshTokens>("auth.refresh",
                           [](Api const& api, RefreshTokens const& in) { return api.auth().refresh(in); });
        add<Logout>("auth.logout", [](Api const& api, Logout const&) { return api.auth().logout(); });
        add<ValidateToken>("auth.validate",
                           [](Api const& api, ValidateToken const& in) { return api.auth().validate(in); });
        add<GetKeys>("auth.keys", [](Api const& api, GetKeys const&) { return api.auth().keys(); });
        add<CreateApiKey>("api_keys.create",
                          [](Api const& api, CreateApiKey const& in) { return api.api_keys().create(in); });
        add<GetApiKey>("api_keys.get", [](Api const& api, GetApiKey const& in) { return api.api_keys().get(in); });
        add<ListApiKeys>("api_keys.list",
                         [](Api const& api, ListApiKeys const& in) { return api.api_keys().list(in); });
        add<RotateApiKey>("api_keys.rotate",
                          [](Api const& api, RotateApiKey const& in) { return api.api_keys().rotate(in); });
        add<RemoveApiKey>("api_keys.remove",
                          [](Api const& api, RemoveApiKey const& in) { return api.api_keys().remove(in); });
        add<GetJob>("jobs.get", [](Api const& api, GetJob const& in) { return api.jobs().get(in); });
        add<ListJobs>("jobs.list", [](Api const& api, ListJobs const& in) { return api.jobs().list(in); });
        add<CancelJob>("jobs.cancel", [](Api const& api, CancelJob const& in) { return api.jobs().cancel(in); });
        add<RetryJob>("jobs.retry", [](Api const& api, RetryJob const& in) { return api.jobs().retry(in); });
        add<ReplayJobs>("jobs.replay", [](Api const& api, ReplayJobs const& in) { return api.jobs().replay(in); });
        add<CreateSchedule>("schedules.create",
                            [](Api const& api, CreateSchedule const& in) { return api.schedules().create(in); });
        add<GetSchedule>("schedules.get",
                         [](Api const& api, GetSchedule const& in) { return api.schedules().get(in); });
        add<ListSchedules>("schedules.list",
                           [](Api const& api, ListSchedules const& in) { return api.schedules().list(in); });
        add<UpdateSchedule>("schedules.update",
                            [](Api const& api, UpdateSchedule const& in) { return api.schedules().update(in); });
        add<RemoveSchedule>("schedules.remove",
                            [](Api const& api, RemoveSchedule const& in) { return api.schedules().remove(in); });
        add<RunSchedule>("schedules.run",
                         [](Api const& api, RunSchedule const& in) { return api.schedules().run(in); });
        add<PreviewSchedule>("schedules.preview",
                             [](Api const& api, PreviewSchedule const& in) { return api.schedules().preview(in); });
        add<CreateWebhook>("webhooks.create",
                           [](Api const& api, CreateWebhook const& in) { return api.webhooks().create(in); });
        add<GetWebhook>("webhooks.get", [](Api const& api, GetWebhook const& in) { return api.webhooks().get(in); });
        add<ListWebhooks>("webhooks.list",
                          [](Api const& api, ListWebhooks const& in) { return api.webhooks().list(in); });
        add<UpdateWebhook>("webhooks.update",
                           [](Api const& api, UpdateWebhook const& in) { return api.webhooks().update(in); });
        add<RemoveWebhook>("webhooks.remove",
                           [](Api const& api, RemoveWebhook const& in) { return api.webhooks().remove(in); });
        add<EnableWebhook>("webhooks.enable",
                           [](Api const& api, EnableWebhook const& in) { return api.webhooks().enable(in); });
        add<DisableWebhook>("webhooks.disable",
                            [](Api const& api, DisableWebhook const& in) { return api.webhooks().disable(in); });
        add<RotateWebhook>("webhooks.rotate",
                           [](Api const& api, RotateWebhook const& in) { return api.webhooks().rotate(in); });
        add<TestWebhook>("webhooks.test",
                         [](Api const& api, TestWebhook const& in) { return api.webhooks().test(in); });
        add<ListWebhookDeliveries>("webhooks.deliveries", [](Api const& api, ListWebhookDeliveries const& in) {
            return api.webhooks().deliveries(in);
        });
        add<ReplayWebhook>("webhooks.replay",
                           [](Api const& api, ReplayWebhook const& in) { return api.webhooks().replay(in); });
        add<CreateUser>("users.create", [](Api const& api, CreateUser const& in) { return api.users().create(in); });
        add<GetUser>("users.get", [](Api const& api, GetUser const& in) { return api.users().get(in); });
        add<ListUsers>("users.list", [](Api const& api, ListUsers const& in) { return api.users().list(in); });
        add<UpdateUser>("users.update", [](Api const& api, UpdateUser const& in) { return api.users().update(in); });
        add<RemoveUser>("users.remove", [](Api const& api, RemoveUser const& in) { return api.users().remove(in); });
        add<GetMe>("users.me", [](Api const& api, GetMe const&) { return api.users().me(); });
    }

    std::string_view name() const override { return "typed"; }
    bool offers(OperationInfo const& operation) const override { return calls_.contains(operation.name); }
    Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const override {
        return calls_.at(operation.name)(token, input);
    }

 private:
    static Json to_answer(Result<void> const&) { return Json::Object{}; }
    template <class Out>
    static Json to_answer(Result<Out> const& output) {
        return Json::parse(to_json(*output)).value();
    }

    template <class In, class F>
    void add(std::string name, F function) {
        calls_[std::move(name)] = [this, function](std::string const& token, Json const& json) -> Result<Json> {
            auto const api = api_for(backend_, token);
            if (!api) return api.error();
            In input{};
            auto const read = from_json(struct_type<In>(), &input, json);
            auto output = function(*api, input);
            if (!output && !read) {
                // A C++ program with a field of the wrong type does not compile: the reading says what is wrong. But
                // who may not call at all learns that first, as behind every door.
                return output.error().code == Errc::invalid_argument ? read.error() : output.error();
            }
            if (!output) return output.error();
            return to_answer(output);
        };
    }

    Backend backend_;
    std::map<std::string, std::function<Result<Json>(std::string const&, Json const&)>> calls_;
};

/// HTTP messages, as a client writes them from the operation's declaration.
class RestDoor final : public Door {
 public:
    explicit RestDoor(Backend const& backend) : gateway_(backend.gateway()) {}

    std::string_view name() const override { return "rest"; }
    bool carries(OperationKind) const override { return true; }
    bool offers(OperationInfo const& operation) const override { return !operation.rest.empty(); }
    Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const override {
        auto const response = gateway_.handle(request(operation, token, input));
        auto body = response.body.empty() ? Json(Json::Object{}) : Json::parse(response.body).value();
        if (response.status < 400) return body;
        return error_in(body);
    }

 private:
    static Request request(OperationInfo const& operation, std::string const& token, Json const& input) {
        auto const space = operation.rest.find(' ');
        Request request{.method = operation.rest.substr(0, space), .target = operation.rest.substr(space + 1)};
        Json body(Json::Object{});
        for (auto const& [name, value] : *input.if_object()) {
            auto const place = request.target.find('{' + name + '}');
            if (place != std::string::npos) {
                request.target.replace(place, name.size() + 2, *value.if_string());
            } else {
                body.set(name, value);
            }
        }
        if (request.method == "GET" || request.method == "DELETE") {
            for (auto const& [name, value] : *body.if_object()) {
                request.target += request.target.find('?') == std::string::npos ? '?' : '&';
                request.target += name + '=' + (value.if_string() != nullptr ? *value.if_string() : value.dump());
            }
        } else {
            request.headers.push_back({"Content-Type", "application/json"});
            request.body = body.dump();
        }
        if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
        return request;
    }

    static Error error_in(Json const& problem) {
        auto const text = [&problem](std::string_view name) {
            auto const* member = problem.find(name);
            return member == nullptr ? std::string() : *member->if_string();
        };
        Error error{.reason = text("reason"), .message = text("detail")};
        for (int code = 1; code <= 16; ++code) {
            if (to_string(static_cast<Errc>(code)) == text("code")) error.code = static_cast<Errc>(code);
        }
        if (auto const* violations = problem.find("violations")) {
            for (auto const& violation : *violations->if_array()) {
                error.violations.push_back({*violation.find("field")->if_string(), *violation.find("rule")->if_string(),
                                            *violation.find("message")->if_string()});
            }
        }
        return error;
    }

    Gateway gateway_;
};

}  // namespace

std::vector<std::unique_ptr<Door>> open_doors(Backend const& backend) {
    std::vector<std::unique_ptr<Door>> doors;
    doors.push_back(std::make_unique<GenericDoor>(backend));
    doors.push_back(std::make_unique<TypedDoor>(backend));
    doors.push_back(std::make_unique<RestDoor>(backend));
#ifdef NEXPO_PYTHON
    doors.push_back(std::make_unique<PythonDoor>());
#endif
#ifdef NEXPO_BUILD_GRPC
    doors.push_back(open_grpc_door(backend));
#endif
    return doors;
}

}  // namespace nexpo::parity
