// SPDX-License-Identifier: Apache-2.0
#include "backend/services.hpp"

#include "auth/account_store.hpp"
#include "auth/api_key_secret.hpp"
#include "auth/api_key_service.hpp"
#include "auth/housekeeping.hpp"
#include "auth/signing_key_keeper.hpp"
#include "base/process.hpp"
#include "nexpo/id.hpp"
#ifdef NEXPO_WITH_HTTP
#include "notification/notification.hpp"
#endif

namespace nexpo::backend {

namespace {

/// Users and organizations, as auth and the pipeline see them.
class DirectoryPort final : public auth::Memberships, public operation::OrganizationDirectory {
 public:
    explicit DirectoryPort(Random& random) : directory_(random, store::Scope::installation()), random_(random) {}

    Result<std::optional<auth::Membership>> find(Read const& read, std::string_view account_id,
                                                 std::string_view organization) override {
        auto found = directory_.find_membership(read, account_id, organization);
        if (!found) return std::move(found).error();
        if (!*found) return std::optional<auth::Membership>();
        return std::optional(to_auth(std::move(**found)));
    }

    Result<auth::Membership> found(Transaction const& tx, auth::Founder const& founder, Timestamp now) override {
        User const owner{.id = make_id("usr", now, random_),
                         .email = founder.email,
                         .name = founder.name,
                         .role = Role::owner,
                         .created_at = now,
                         .updated_at = now};
        auto membership = directory_.found_organization(tx, founder.organization_name, owner, founder.account_id);
        if (!membership) return std::move(membership).error();
        return to_auth(std::move(*membership));
    }

    Result<std::optional<std::string>> find(Read const& read, std::string_view slug) override {
        return directory_.find_organization(read, slug);
    }

    Result<std::string> find_or_create(Transaction const& tx, std::string_view slug, Timestamp now) override {
        return directory_.find_or_create_organization(tx, slug, now);
    }

    user::Directory const& directory() const { return directory_; }

 private:
    static auth::Membership to_auth(user::Membership membership) {
        return {std::move(membership.user_id), std::move(membership.organization_id), std::move(membership.role)};
    }

    user::Directory directory_;
    Random& random_;
};

/// Accounts, as users see them.
class AccountPort final : public user::Accounts {
 public:
    AccountPort(crypto::PasswordHasher& hasher, auth::TokenIdentifier& identifier, Random& random)
        : hasher_(hasher), identifier_(identifier), random_(random) {}

    Result<std::string> hash_password(Secret const& password) override { return hasher_.hash(password); }

    Result<std::optional<std::string>> create(Transaction const& tx, std::string_view email,
                                              std::string_view password_hash, Timestamp now) override {
        auto id = make_id("acc", now, random_);
        auto inserted = auth::AccountStore::insert(tx, id, email, password_hash, now);
        if (!inserted) return std::move(inserted).error();
        return *inserted ? std::optional(std::move(id)) : std::nullopt;
    }

    Result<std::optional<user::KnownAccount>> find(Read const& read, std::string_view email) override {
        auto account = auth::AccountStore::find(read, email);
        if (!account) return std::move(account).error();
        if (!*account) return std::optional<user::KnownAccount>();
        return std::optional(user::KnownAccount{std::move((*account)->id), std::move((*account)->password_hash)});
    }

    Result<bool> verify_password(user::KnownAccount const& account, Secret const& password) override {
        return hasher_.verify(password, account.password_hash);
    }

    Result<void> end_sessions(Transaction const& tx, std::string_view account_id,
                              std::string_view organization_id) override {
        return auth::SessionStore::remove_in(tx, account_id, organization_id);
    }

    Result<void> remove(Transaction const& tx, std::string_view account_id) override {
        return auth::AccountStore::remove(tx, account_id);
    }

    void rights_changed(std::string_view account_id) noexcept override { identifier_.forget(account_id); }

 private:
    crypto::PasswordHasher& hasher_;
    auth::TokenIdentifier& identifier_;
    Random& random_;
};

/// The holder of an access token or an API key, as the pipeline sees it.
class IdentifierPort final : public operation::Identifier {
 public:
    IdentifierPort(auth::TokenIdentifier& identifier, auth::ApiKeyIdentifier& api_keys)
        : identifier_(identifier), api_keys_(api_keys) {}

    Result<Caller> identify(std::string_view token, store::ReadLimits const& limits,
                            base::FunctionRef<Result<void>()> may_look) override {
        if (auth::looks_like_api_key(token)) return api_keys_.identify(token, limits, may_look);
        auto identity = identifier_.identify(token, limits, may_look);
        if (!identity) return std::move(identity).error();
        return (*identity)->caller;
    }

 private:
    auth::TokenIdentifier& identifier_;
    auth::ApiKeyIdentifier& api_keys_;
};

#ifdef NEXPO_WITH_HTTP
using notification::Notification;
#else
/// Nothing is delivered without an HTTP client.
struct Notification {
    static Result<std::unique_ptr<Notification>> make(ServiceParts const&) { return std::make_unique<Notification>(); }
    void add_operations(OperationTable&) {}
    void add_kinds(JobTable&) {}
    void connect(work::JobQueue&) {}
    void close() {}
};
#endif

/// Members stand in the order in which they need each other.
class AllServices final : public Services {
 public:
    AllServices(ServiceParts const& parts, auth::SigningKeyKeeper keys, std::unique_ptr<crypto::PasswordHasher> hasher,
                std::unique_ptr<Notification> notification)
        : hasher_(std::move(hasher)),
          directory_(*parts.random),
          keys_(std::move(keys)),
          access_tokens_(keys_.ring(), parts.config.auth),
          refresh_tokens_(parts.sealer.derive("refresh token")),
          identifier_(access_tokens_, directory_, parts.store, parts.clock, parts.log, &keys_),
          api_key_identifier_(parts.store, parts.clock, parts.log),
          identifier_port_(identifier_, api_key_identifier_),
          accounts_(*hasher_, identifier_, *parts.random),
          users_(accounts_, directory_.directory()),
          auth_({.config = parts.config.auth,
                 .hasher = *hasher_,
                 .keys = keys_,
                 .access_tokens = access_tokens_,
                 .refresh_tokens = refresh_tokens_,
                 .identifier = identifier_,
                 .memberships = directory_}),
          api_keys_(api_key_identifier_, *parts.random),
          notification_(std::move(notification)) {
        parts.metrics.gauge("nexpo_password_hashes_running", "Passwords being hashed now.", {},
                            [this] { return static_cast<double>(hasher_->stats().running); });
        parts.metrics.gauge("nexpo_password_hashes_queued", "Sign-ins that wait for a hash.", {},
                            [this] { return static_cast<double>(hasher_->stats().queued); });
        parts.metrics.gauge("nexpo_password_hash_memory_bytes", "Memory held for hashing passwords.", {},
                            [this] { return static_cast<double>(hasher_->stats().memory_bytes); });
    }

    void add_operations(OperationTable& table) override {
        auth::add_operations(table, auth_);
        auth::add_operations(table, api_keys_);
        user::add_operations(table, users_);
        notification_->add_operations(table);
    }
    void add_kinds(JobTable& jobs) override { notification_->add_kinds(jobs); }
    void add_jobs(JobTable& jobs) override { auth::add_jobs(jobs); }
    void connect(work::JobQueue& jobs) override { notification_->connect(jobs); }
    operation::Identifier& identifier() override { return identifier_port_; }
    operation::OrganizationDirectory& organizations() override { return directory_; }
    void close() override {
        notification_->close();
        hasher_->close();
    }

 private:
    std::unique_ptr<crypto::PasswordHasher> hasher_;
    DirectoryPort directory_;
    auth::SigningKeyKeeper keys_;
    auth::AccessTokens access_tokens_;
    auth::RefreshTokens refresh_tokens_;
    auth::TokenIdentifier identifier_;
    auth::ApiKeyIdentifier api_key_identifier_;
    IdentifierPort identifier_port_;
    AccountPort accounts_;
    user::UserService users_;
    auth::AuthService auth_;
    auth::ApiKeyService api_keys_;
    std::unique_ptr<Notification> notification_;
};

}  // namespace

Result<std::unique_ptr<Services>> make_services(ServiceParts const& parts) {
    auto const& auth = parts.config.auth;
    auto const cores = base::usable_processors();
    auto const threads = parts.config.threads.hash > 0 ? static_cast<std::size_t>(parts.config.threads.hash) : cores;
    auto hasher =
        crypto::PasswordHasher::create({.threads = threads,
                                        .memory_budget_bytes = static_cast<std::size_t>(auth.hash_memory_mib) << 20U,
                                        .queue = static_cast<std::size_t>(auth.hash_queue)},
                                       parts.random, parts.clock);
    if (!hasher) return std::move(hasher).error();
    auto keys = auth::SigningKeyKeeper::open(parts.store, parts.sealer, auth, parts.clock, parts.log);
    if (!keys) return std::move(keys).error();
#ifdef NEXPO_WITH_HTTP
    auto notification = Notification::make(
        {.config = parts.config, .sealer = parts.sealer, .clock = parts.clock, .random = parts.random});
#else
    auto notification = Notification::make(parts);
#endif
    if (!notification) return std::move(notification).error();
    return std::unique_ptr<Services>(
        new AllServices(parts, std::move(*keys), std::move(*hasher), std::move(*notification)));
}

}  // namespace nexpo::backend
