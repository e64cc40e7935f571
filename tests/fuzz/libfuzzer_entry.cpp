// SPDX-License-Identifier: Apache-2.0
// What libFuzzer calls; the program holds one target.
#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size <= nexpo::fuzz::kMaxInput) {
        nexpo::fuzz::targets().front().run({reinterpret_cast<char const*>(data), size});
    }
    return 0;
}
