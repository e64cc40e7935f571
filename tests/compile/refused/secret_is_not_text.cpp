// SPDX-License-Identifier: Apache-2.0
// refused: conversion from 'const nexpo::v1::Secret'|no viable conversion from 'const nexpo::Secret'
#include <string>

#include "nexpo/secret.hpp"

std::string copy(nexpo::Secret const& secret) {
#ifdef NEXPO_REFUSED
    std::string text = secret;
#else
    std::string text(secret.reveal());
#endif
    return text;
}
