// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Visibility of the public symbols. Everything without NEXPO_API stays inside the library.

/// Marks a symbol as part of the library's public interface.
#define NEXPO_API __attribute__((visibility("default")))
