// SPDX-License-Identifier: Apache-2.0
#include "nexpo/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/process.hpp"
#include "crypto/openssl.hpp"
#include "nexpo/error.hpp"

namespace nexpo::inline v1 {

namespace {

class SystemRandom final : public Random {
 public:
    void fill(std::span<std::byte> bytes) override {
        if (bytes.size() > kSmall) return generate(bytes);
        // Ids and nonces are small: one call of the generator serves dozens of them.
        thread_local Stock stock;
        stock.take(bytes);
    }

 private:
    static constexpr std::size_t kSmall = 64;

    /// Random bytes that nobody has seen yet, on one thread.
    class Stock {
     public:
        void take(std::span<std::byte> bytes) {
            // A child must not hand out the same bytes as its parent.
            if (left_ < bytes.size() || generation_ != base::process_generation()) {
                generate(bytes_);
                left_ = bytes_.size();
                generation_ = base::process_generation();
            }
            auto const part = std::span(bytes_).subspan(bytes_.size() - left_, bytes.size());
            std::ranges::copy(part, bytes.begin());
            std::ranges::fill(part, std::byte{});
            left_ -= bytes.size();
        }

     private:
        std::array<std::byte, 1024> bytes_{};
        std::size_t left_ = 0;
        int generation_ = -1;
    };

    static void generate(std::span<std::byte> bytes) {
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
