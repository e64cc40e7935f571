// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::drivers {

/// What requests to AWS are signed with.
struct AwsCredentials {
    std::string access_key{};
    Secret secret_key{};
    Secret session_token{};  ///< Of temporary credentials; else empty.
};

/// A request to sign.
struct AwsRequest {
    std::string method = "POST";
    std::string host{};                                        ///< With the port, unless it is the scheme's own.
    std::string path = "/";                                    ///< Without dot segments; percent-encoded as it is sent.
    std::vector<std::pair<std::string, std::string>> query{};  ///< Decoded.
    std::vector<std::pair<std::string, std::string>> headers{};  ///< To be signed beside Host and what is added.
    std::string body{};
};

/// Where and when a signature holds.
struct AwsScope {
    std::string region{};
    std::string service{};
    Timestamp now{};
};

/// The headers that a request needs beside its own: `X-Amz-Date`, perhaps `X-Amz-Security-Token`, and `Authorization`.
/// AWS Signature Version 4
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), for all services but
/// S3.
std::vector<std::pair<std::string, std::string>> aws_signature(AwsRequest const& request,
                                                               AwsCredentials const& credentials,
                                                               AwsScope const& scope);

}  // namespace nexpo::drivers
