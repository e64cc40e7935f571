// SPDX-License-Identifier: Apache-2.0
// Messages into described structs and back, compared with protobuf's own reading of them.
#include "fuzz/fuzz.hpp"
#include "nexpo/nexpo.hpp"
#include "unit/grpc/codec_sample.hpp"

namespace nexpo::fuzz {
namespace {

using codec_sample::Sample;
using codec_sample::sample_message;

std::string encoded(Sample const& sample) {
    std::string out;
    grpc_host::encode(sample_message(), &sample, out);
    return out;
}

void check_refusal(Error const& error) {
    require(error.code == Errc::invalid_argument, "refusals are of one code");
    bool const broken = error.reason == "protobuf_malformed";
    require(broken || error.reason == "validation_failed", "refusals have two reasons", error.reason);
    require(broken == error.violations.empty(), "what can be read names its violations");
    require(error.violations.size() <= grpc_host::kMostViolations, "violations are named, up to a limit");
    for (auto const& [pointer, rule, message] : error.violations) {
        require(pointer.starts_with('/'), "a violation's field is a JSON pointer", pointer);
        require(!rule.empty() && !message.empty(), "a violation says what is wrong");
    }
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(protobuf) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    Sample sample;
    auto const read = grpc_host::decode(sample_message(), &sample, input, grpc_host::Sender::client);
    static_cast<void>(to_json(sample));
    if (!read) return check_refusal(read.error());
    if (!validate(sample)) return;  // the pipeline would say so

    // What a mask leaves out is passed over, whatever it is.
    bool const has_mask = input.find("\xa2\x06") != input.npos;
    require(has_mask || codec_sample::protobufs_view(input), "what we take, protobuf takes");
    auto const written = encoded(sample);
    auto const theirs = codec_sample::protobufs_view(written);
    require(theirs.has_value(), "what we write, protobuf takes");
    for (auto const& bytes : {written, *theirs}) {
        Sample again;
        auto const done = grpc_host::decode(sample_message(), &again, bytes, grpc_host::Sender::server);
        require(done.has_value(), "what was written can be read");
        require(to_json(again) == to_json(sample), "writing changes nothing");
    }
}
