// SPDX-License-Identifier: Apache-2.0
#include "drivers/http/form.hpp"

namespace nexpo::drivers {

std::string percent_encoded(std::string_view text, std::string_view kept) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (char const c : text) {
        bool const plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~' || kept.find(c) != kept.npos;
        if (plain) {
            encoded += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
        }
    }
    return encoded;
}

std::string form_encoded(std::span<std::pair<std::string_view, std::string_view> const> fields) {
    std::string form;
    for (auto const& [name, value] : fields) {
        form.append(form.empty() ? "" : "&").append(percent_encoded(name)).append("=").append(percent_encoded(value));
    }
    return form;
}

}  // namespace nexpo::drivers
