// SPDX-License-Identifier: Apache-2.0
#include "nexpo/secret.hpp"

#include <cstddef>
#include <utility>

#include "base/wipe.hpp"

namespace nexpo::inline v1 {

Secret::Secret() noexcept = default;

Secret::Secret(std::string text) noexcept : text_(std::move(text)) {
    base::wipe(text);
}

Secret::Secret(char const* text) : text_(text) {}

Secret::Secret(Secret const&) = default;

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
    other.wipe();
}

Secret& Secret::operator=(Secret const& other) {
    // The copy takes the old text along and wipes it.
    Secret copy(other);
    text_.swap(copy.text_);
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
    return *this;
}

Secret::~Secret() {
    wipe();
}

bool Secret::operator==(Secret const& other) const noexcept {
    if (text_.size() != other.text_.size()) return false;
    // volatile keeps the compiler from leaving the loop at the first difference.
    unsigned char volatile difference = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        difference = static_cast<unsigned char>(difference | (text_[i] ^ other.text_[i]));
    }
    return difference == 0;
}

void Secret::wipe() noexcept {
    base::wipe(text_);
}

}  // namespace nexpo::inline v1
