// SPDX-License-Identifier: Apache-2.0
#include "nexpo/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <limits>

#include "crypto/openssl.hpp"
#include "nexpo/error.hpp"

namespace nexpo::inline v1 {

namespace {

class SystemRandom final : public Random {
 public:
    void fill(std::span<std::byte> bytes) override {
        constexpr std::size_t kLargestRequest = std::numeric_limits<int>::max();
        crypto::ErrorScope const errors;
        while (!bytes.empty()) {
            auto const part = bytes.first(std::min(bytes.size(), kLargestRequest));
            if (RAND_bytes(reinterpret_cast<unsigned char*>(part.data()), static_cast<int>(part.size())) != 1) {
                throw Exception(Error{.code = Errc::internal,
                                      .reason = "random_unavailable",
                                      .message = "The system's random generator gave no bytes."});
            }
            bytes = bytes.subspan(part.size());
        }
    }
};

}  // namespace

std::shared_ptr<Random> system_random() {
    static auto const random = std::make_shared<SystemRandom>();
    return random;
}

}  // namespace nexpo::inline v1
